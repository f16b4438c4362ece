import { html } from "hono/html";
import type { Html } from "../pages.ts";

/** A form that asks a user who they are and what they decide. */
export interface SignInForm {
  /** Where it is posted to. */
  readonly action: string;
  /** What binds the answer to this form. */
  readonly formToken: string;
  /** Fields above the user name. */
  readonly fields?: Html;
  readonly username?: string | undefined;
  /** What was wrong with the last answer. */
  readonly problem?: string | undefined;
}

/** Denying needs no password, so `Deny` skips the fields that approving requires. */
export const signInForm = ({ action, formToken, fields, username, problem }: SignInForm): Html =>
  html`${problem === undefined ? "" : html`<p role="alert">${problem}</p>`}
<form method="post" action="${action}">
<input type="hidden" name="form_token" value="${formToken}">
${fields ?? ""}
<p>
<label for="username">User name</label>
<input id="username" name="username" value="${username ?? ""}" autocomplete="username" required>
</p>
<p>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
</p>
<p>
<button name="decision" value="approve">Approve</button>
<button name="decision" value="deny" formnovalidate>Deny</button>
</p>
</form>`;
