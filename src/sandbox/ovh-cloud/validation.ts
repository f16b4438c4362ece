import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";
import { parseBody } from "../http.ts";
import { tokenSpecEntries, tokenSpecRules } from "../ovh-ai/wire.ts";
import type { ConsumerKeyCredential, ConsumerKeys, ValidationDecision } from "./consumer-keys.ts";

/** The regions that the AI products of a project run in. */
export const regions = ["GRA", "BHS"] as const;

/** What `…/ai/capabilities/region` says of them. */
export const regionCapabilities = regions.map((id) => {
  const host = `${id.toLowerCase()}.ai.cloud.ovh.net`;
  return {
    id,
    version: "1.0.0",
    cliInstallUrl: `https://cli.${host}/install.sh`,
    documentationUrl: "https://docs.ovh.com/gb/en/publiccloud/ai/",
    registryUrl: `https://registry.${host}`,
  };
});

const Schema = v.strictObject({ ...tokenSpecEntries, region: v.picklist(regions) });
const rules = { ...tokenSpecRules, region: `must be one of ${regions.join(", ")}` };

/** A token's spec as the public API has it: the regional API's, and the region. */
export type OvhCloudTokenSpec = v.InferOutput<typeof Schema>;

/** Reads the body of a create request. */
export function parseOvhCloudTokenSpec(body: string): OvhCloudTokenSpec {
  return parseBody(body, Schema, rules);
}

const path = "/1.0/auth/validation/:token";

/** Where a user answers a request for a consumer key. The token in it is the right to answer. */
export function validationPath(validationToken: string): string {
  return path.replace(":token", validationToken);
}

const decisions: ReadonlyMap<unknown, ValidationDecision> = new Map([
  ["authorize", "validated"],
  ["refuse", "refused"],
]);

/** The page that shows a user what an application asks for, and takes the answer, once. */
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
    return credential ? c.html(page("Authorize access", question(credential))) : unknown(c);
  });

  routes.post(path, async (c) => {
    const decision = decisions.get((await c.req.parseBody())["decision"]);
    if (!decision)
      throw new HTTPException(400, { message: "decision must be authorize or refuse" });
    const credential = consumerKeys.answer(c.req.param("token"), decision);
    if (!credential) return unknown(c);
    if (credential.redirection !== undefined) return c.redirect(credential.redirection, 303);
    const title = decision === "validated" ? "Access authorized" : "Access refused";
    return c.html(page(title, html`<p>You can close this page.</p>`));
  });

  return routes;
}

type Markup = ReturnType<typeof html>;

function unknown(c: Context): Response | Promise<Response> {
  const text = html`<p>There is no such request, or it has been answered.</p>`;
  return c.html(page("Nothing to authorize", text), 404);
}

function question({ rules, redirection }: ConsumerKeyCredential): Markup {
  return html`<p>An application asks to make these calls in your name:</p>
    <ul>
      ${rules.map(({ method, path }) => html`<li><code>${method} ${path}</code></li>`)}
    </ul>
    ${redirection === undefined ? "" : html`<p>You will then be sent to <code>${redirection}</code>.</p>`}
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
