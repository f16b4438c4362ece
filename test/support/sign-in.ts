import { createHash, randomBytes } from "node:crypto";
import { createSandbox } from "../../src/sandbox/app.ts";

export const origin = "http://127.0.0.1:8787";
export const base = `${origin}/auth/oauth2`;
export const noon = "2026-12-01T12:00:00Z";

type Fields = Readonly<Record<string, string>>;

/** A JSON response. Tests check its fields. */
export interface Answer {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly error: string;
}

/** Starts a sandbox with an adjustable clock, and returns a client of its authorization server. */
export function startSandbox() {
  let time = Date.parse(noon);
  const sandbox = createSandbox({
    now: () => new Date(time),
    randomBytes: (size) => randomBytes(size),
  });

  /** Posts a form and returns the JSON response. */
  async function post(url: string, fields: Fields | string, headers: Fields = {}) {
    const reply = await sandbox.request(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      body: new URLSearchParams(fields).toString(),
    });
    const body = (await reply.json()) as Answer;
    return { status: reply.status, headers: reply.headers, body };
  }

  const { open } = createBrowser(sandbox.request);

  return {
    sandbox,
    logins: sandbox.logins,
    post,
    open,
    token: (fields: Fields | string, headers?: Fields) => post(`${base}/token`, fields, headers),
    /** Advances the clock. */
    advance(seconds: number) {
      time += seconds * 1000;
    },
    /** `GET` with a bearer credential. */
    async get(path: string, bearer: string) {
      const headers = { authorization: `Bearer ${bearer}` };
      const reply = await sandbox.request(`${origin}${path}`, { headers });
      const text = await reply.text();
      return { status: reply.status, body: text.startsWith("{") ? JSON.parse(text) : text };
    },
  };
}

export type StartedSandbox = ReturnType<typeof startSandbox>;

/** Returns a browser that parses forms and does not follow redirects. */
export function createBrowser(request: (url: string, init?: RequestInit) => Promise<Response>) {
  /** Opens a page without following redirects. */
  async function open(url: string, init?: RequestInit) {
    const reply = await request(url, init);
    return parsePage(url, reply, await reply.text());
  }

  function parsePage(url: string, { status, headers }: Response, html: string) {
    const form = /<form method="post"(?: action="([^"]*)")?>(.*)<\/form>/s.exec(html);
    const inputs = [...html.matchAll(/<input ([^>]*)>/g)].map(([, tag = ""]) => ({
      name: attribute(tag, "name"),
      value: attribute(tag, "value"),
      id: attribute(tag, "id"),
      type: attribute(tag, "type"),
    }));
    const buttons = [...html.matchAll(/<button ([^>]*)>([^<]*)</g)].map(
      ([, tag = "", label = ""]) => ({
        name: attribute(tag, "name"),
        value: attribute(tag, "value"),
        label,
      }),
    );
    return {
      status,
      headers,
      html,
      inputs,
      labels: [...html.matchAll(/<label for="([^"]*)">/g)].map(([, id]) => id),
      /** Error or status message of the page. */
      says: unescaped(/<p role="(?:alert|status)">([^<]*)</.exec(html)?.[1] ?? ""),
      location: headers.get("location"),
      /** Fills in the form, presses a button and opens the response. */
      async submit(label: string, typed: Fields = {}) {
        const button = buttons.find((each) => each.label === label);
        if (!form || !button) throw new Error(`there is no button ${label} in ${html}`);
        const filled = inputs.map(({ name, value }) => [name, typed[name] ?? value] as const);
        return open(new URL(unescaped(form[1] ?? url), url).href, {
          method: "POST",
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: new URLSearchParams(
            Object.fromEntries([...filled, [button.name, button.value]]),
          ).toString(),
        });
      },
    };
  }

  return { open };
}

/** Returns the header and claims of a JWT. */
export function decodeJwt(jwt: string) {
  const [header, claims] = jwt
    .split(".", 2)
    .map((part) => JSON.parse(Buffer.from(part, "base64url").toString()));
  return { header, claims };
}

/**
 * Returns the S256 challenge of a verifier.
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.2
 */
export const challengeOf = (verifier: string) =>
  createHash("sha256").update(verifier).digest("base64url");

const attribute = (tag: string, name: string) =>
  unescaped(new RegExp(`(?:^| )${name}="([^"]*)"`).exec(tag)?.[1] ?? "");

const unescaped = (html: string) =>
  html
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
