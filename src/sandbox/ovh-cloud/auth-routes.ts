import { isIP } from "node:net";
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { bearerCredential, parseBody } from "../http.ts";
import {
  invalidCredential,
  type OvhApplication,
  type SignatureVerifier,
  serverTime,
} from "./authentication.ts";
import {
  AccessRules,
  type ConsumerKeyCredential,
  type ConsumerKeys,
  type ValidationDecision,
} from "./consumer-keys.ts";

const WebUrl = v.pipe(
  v.string(),
  v.url(),
  v.regex(/^https?:\/\//i),
  v.transform((url) => new URL(url).href),
);

const bits: ReadonlyMap<number, number> = new Map([
  [4, 32],
  [6, 128],
]);

/** An IP address or a CIDR range. */
const AddressBlock = v.pipe(
  v.string(),
  v.check((block) => {
    const [, address = "", prefix = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(block) ?? [];
    return Number(prefix) <= (bits.get(isIP(address)) ?? -1);
  }),
);

const CredentialRequest = v.strictObject({
  accessRules: AccessRules,
  redirection: v.exactOptional(WebUrl),
  allowedIPs: v.exactOptional(v.array(AddressBlock)),
});

const rules = {
  accessRules: "must be a list of at least one {method, path}; a path starts with /",
  redirection: "must be an http or https URL",
  allowedIPs: "must be a list of IP addresses and CIDR ranges",
};

/**
 * Returns the endpoints under `/1.0/auth`: server time, and request, status and revocation of a
 * consumer key.
 * @see https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/
 */
export function ovhAuthRoutes(
  now: SandboxRuntime["now"],
  { applicationKey }: OvhApplication,
  consumerKeys: ConsumerKeys,
  verifySignature: SignatureVerifier,
): Hono {
  const routes = new Hono();

  routes.get("/1.0/auth/time", (c) => c.json(serverTime(now)));

  routes.post("/1.0/auth/credential", async (c) => {
    if (c.req.header("X-Ovh-Application") !== applicationKey) throw invalidCredential();
    const request = parseBody(await c.req.text(), CredentialRequest, rules);
    const { consumerKey, validationToken } = consumerKeys.request(request);
    const validationUrl = new URL(validationPath(validationToken), c.req.url).href;
    return c.json({ validationUrl, consumerKey, state: "pendingValidation" });
  });

  // Clients poll this endpoint, so it accepts a key that is not validated and ignores the access
  // rules.
  routes.get("/1.0/auth/currentCredential", async (c) => {
    if (bearerCredential(c) !== undefined)
      throw new HTTPException(403, { message: "An access token has no consumer key" });
    const { credentialId, status, creation, rules, allowedIPs = null } = await verifySignature(c);
    return c.json({ credentialId, status, creation, expiration: null, rules, allowedIPs });
  });

  routes.post("/1.0/auth/logout", async (c) => {
    await verifySignature(c);
    consumerKeys.revoke(c.req.header("X-Ovh-Consumer") ?? "");
    return c.json(null);
  });

  return routes;
}

const validationRoute = "/1.0/auth/validation/:token";

/**
 * Returns the path of the page on which a user decides about a consumer key. Anyone with the token
 * can decide.
 */
function validationPath(validationToken: string): string {
  return validationRoute.replace(":token", validationToken);
}

const decisions: ReadonlyMap<unknown, ValidationDecision> = new Map([
  ["authorize", "validated"],
  ["refuse", "refused"],
]);

/** Returns the page that shows the requested access rules and records the decision once. */
export function ovhValidationRoutes(consumerKeys: ConsumerKeys): Hono {
  const routes = new Hono();

  routes.use(validationRoute, async (c, next) => {
    await next();
    c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    c.header("Referrer-Policy", "no-referrer");
    c.header("Cache-Control", "no-store");
  });

  routes.get(validationRoute, (c) => {
    const credential = consumerKeys.pending(c.req.param("token"));
    return credential
      ? c.html(validationPage("Authorize access", requestForm(credential)))
      : answerUnknownRequest(c);
  });

  routes.post(validationRoute, async (c) => {
    const decision = decisions.get((await c.req.parseBody())["decision"]);
    if (!decision)
      throw new HTTPException(400, { message: "decision must be authorize or refuse" });
    const credential = consumerKeys.decide(c.req.param("token"), decision);
    if (!credential) return answerUnknownRequest(c);
    if (credential.redirection !== undefined) return c.redirect(credential.redirection, 303);
    const title = decision === "validated" ? "Access authorized" : "Access refused";
    return c.html(validationPage(title, html`<p>You can close this page.</p>`));
  });

  return routes;
}

type Markup = ReturnType<typeof html>;

function answerUnknownRequest(c: Context): Response | Promise<Response> {
  const text = html`<p>This request does not exist, or a decision was already made.</p>`;
  return c.html(validationPage("Nothing to authorize", text), 404);
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

function validationPage(title: string, content: Markup): Markup {
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
