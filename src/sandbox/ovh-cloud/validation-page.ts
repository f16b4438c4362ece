import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import type { ConsumerKeyCredential, ConsumerKeys, ValidationDecision } from "./consumer-keys.ts";

const path = "/1.0/auth/validation/:token";

/**
 * Returns the path of the page on which a user decides about a consumer key. Anyone with the token
 * can decide.
 */
export function validationPath(validationToken: string): string {
  return path.replace(":token", validationToken);
}

const decisions: ReadonlyMap<unknown, ValidationDecision> = new Map([
  ["authorize", "validated"],
  ["refuse", "refused"],
]);

/** Returns the page that shows the requested access rules and records the decision once. */
export function ovhValidationRoutes(consumerKeys: ConsumerKeys): Hono {
  const routes = new Hono();

  routes.use(path, async (c, next) => {
    await next();
    c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    c.header("Referrer-Policy", "no-referrer");
    c.header("Cache-Control", "no-store");
  });

  routes.get(path, (c) => {
    const credential = consumerKeys.pending(c.req.param("token"));
    return credential
      ? c.html(page("Authorize access", requestForm(credential)))
      : answerUnknownRequest(c);
  });

  routes.post(path, async (c) => {
    const decision = decisions.get((await c.req.parseBody())["decision"]);
    if (!decision)
      throw new HTTPException(400, { message: "decision must be authorize or refuse" });
    const credential = consumerKeys.decide(c.req.param("token"), decision);
    if (!credential) return answerUnknownRequest(c);
    if (credential.redirection !== undefined) return c.redirect(credential.redirection, 303);
    const title = decision === "validated" ? "Access authorized" : "Access refused";
    return c.html(page(title, html`<p>You can close this page.</p>`));
  });

  return routes;
}

type Markup = ReturnType<typeof html>;

function answerUnknownRequest(c: Context): Response | Promise<Response> {
  const text = html`<p>This request does not exist, or a decision was already made.</p>`;
  return c.html(page("Nothing to authorize", text), 404);
}

function requestForm({ rules, redirection }: ConsumerKeyCredential): Markup {
  return html`<p>An application requests permission to make these API calls on your behalf:</p>
    <ul>
      ${rules.map(({ method, path }) => html`<li><code>${method} ${path}</code></li>`)}
    </ul>
    ${redirection === undefined ? "" : html`<p>You will be redirected to <code>${redirection}</code>.</p>`}
    <form method="post">
      <button name="decision" value="authorize">Authorize</button>
      <button name="decision" value="refuse">Refuse</button>
    </form>`;
}

function page(title: string, content: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
}
