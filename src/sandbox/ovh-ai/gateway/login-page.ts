import type { Context } from "hono";
import { html } from "hono/html";
import { answerPage } from "../../pages.ts";

/** Where the page posts a token to: the one path that is not the resource's own. */
export const LOGIN_PATH = "/.ovh/login";

/** What a browser gets that may not see a resource. Somebody who tried a token may try another at once. */
export function answerLoginPage(c: Context, problem: string, status: 401 | 403) {
  const open = c.req.method === "POST" ? "open" : "";
  const content = html`<p role="alert">${problem}</p>
<details ${open}>
<summary>Login with token</summary>
<form method="post" action="${LOGIN_PATH}">
<p>
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="off" required>
</p>
<p>
<button>Connect</button>
</p>
</form>
</details>
<p>Login with user/password is not part of the sandbox.</p>`;
  return answerPage(c, "Login", content, status);
}
