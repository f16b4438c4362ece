import { isLoopback } from "../core/url.ts";
import { UsageError } from "../errors.ts";
import { isPlainHttp, plainHttpHint } from "./plain-http.ts";

/**
 * The hosts to which a URL may be plain http: this machine by its name or address, also a name that
 * `checkPlainHttp()` and each connection look up, or any.
 */
export type HttpHosts = "this machine" | "names" | "any";

/**
 * Reads an API's base URL.
 * @throws UsageError naming `source` unless it is https, or http to such a host, without user,
 * query or fragment.
 */
export function parseBaseUrl(
  text: string,
  source: string,
  httpHosts: HttpHosts = "this machine",
): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:"))
    throw new UsageError(`${source} is not an http(s) URL.`, {
      hint: "It looks like https://gra.example.com, with the scheme in front.",
      misspelt: { word: text, known: withScheme(text), isDerived: true },
    });
  if (url.username || url.password)
    throw new UsageError(
      `${source} holds a user name or password, which would be sent in the clear.`,
      {
        hint: "Leave it out; pass the credential with --app-token-file or TOKCTL_APP_TOKEN.",
      },
    );
  if (/[?#]/.test(url.href))
    throw new UsageError(
      `${source} has a query or a fragment; only scheme, host and path are used.`,
      { hint: "Leave out the ? or #, and what stands behind it." },
    );
  // As a URL spells an address; node:net, which could tell, need not be loaded for that.
  const isName = !/^(\[.*|[\d.]+)$/.test(url.hostname);
  if (isPlainHttp(url) && httpHosts !== "any" && !(httpHosts === "names" && isName))
    throw new UsageError(`${source} would send the credential unencrypted to ${url.host}.`, {
      misspelt: { word: text, known: [text.replace(/^http:/i, "https:")], isDerived: true },
      hint: plainHttpHint,
    });
  return url;
}

/**
 * The URL that is meant by a host without a scheme, or with another one: http for this machine. None
 * for what is no host's name, which may be a secret in the wrong place.
 */
function withScheme(text: string): readonly string[] {
  const rest = text.replace(/^(\w+:)?\/+/, "");
  const [host = ""] = /^(\[[\da-f:.]+\]|[\w.-]+)(?=(:\d+)?(\/[^@]*)?$)/i.exec(rest) ?? [];
  const isHere = isLoopback(host);
  const isName = host.split(".").every(({ length }) => length > 0 && length < 64);
  const isMeant =
    isHere || (isName && (/\.([a-z]+|\d{1,3})$/i.test(host) || rest.startsWith(`${host}:`)));
  return isMeant ? [`${isHere ? "http" : "https"}://${rest}`] : [];
}

/** The `{…}` placeholders of a route. */
export type PathParameters<Route extends string> =
  Route extends `${string}{${infer Name}}${infer Rest}` ? Name | PathParameters<Rest> : never;

/**
 * Fills a route's placeholders and joins it to the base URL, whose own path is kept. Each value
 * becomes exactly one path segment, whatever it holds.
 * @throws UsageError for a value that no segment can hold: "", ".", ".." or half a surrogate pair.
 */
export function buildUrl(
  baseUrl: URL,
  template: string,
  parameters: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): URL {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    segment(parameters[name] ?? "", name),
  );
  const url = new URL(`${baseUrl.href.replace(/\/$/, "")}${path}`);
  for (const [key, value] of Object.entries(query))
    for (const item of [value ?? []].flat()) url.searchParams.append(key, String(item));
  if (url.origin !== baseUrl.origin) throw new Error(`${template} leaves ${baseUrl.origin}`);
  return url;
}

function segment(value: string, name: string): string {
  if (value === "" || value === "." || value === ".." || !value.isWellFormed())
    throw new UsageError(
      `The ${name} can't be part of an address: it is empty, dots or broken text.`,
      { hint: "Give its id, or a name of letters and digits." },
    );
  return encodeURIComponent(value);
}
