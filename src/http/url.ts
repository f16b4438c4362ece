import { isLoopback, withoutTrailingSlash } from "../core/url.ts";
import { UsageError } from "../errors.ts";
import { isPlainHttp, plainHttpHint } from "./plain-http.ts";

/**
 * Hosts for which a base URL may be plain HTTP: this machine (loopback names and addresses); also
 * names, which `checkPlainHttp()` and each connection resolve; or any host.
 */
export type HttpHosts = "this machine" | "names" | "any";

/** Query parameters: an array repeats its key, undefined omits it. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/**
 * Parses the base URL of an API.
 * @param source names the setting in errors: `--url`.
 * @throws UsageError unless it is https, or http for `httpHosts`, without user, query or fragment.
 */
export function parseBaseUrl(
  text: string,
  source: string,
  httpHosts: HttpHosts = "this machine",
): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) {
    const candidates = withScheme(text);
    // Other text may be a secret.
    const isUrlLike = candidates.length > 0 || /^\w+:\/\/[^@]*$/.test(text);
    throw new UsageError(`${source} is not an http(s) URL${isUrlLike ? `: ${text}` : "."}`, {
      hint: "Use an https URL, for example https://gra.example.com.",
      unknownWord: { word: text, candidates, isDerived: true },
    });
  }
  if (url.username || url.password)
    throw new UsageError(`${source} contains a user name or password.`, {
      hint: "Remove it from the URL and pass the credential with --app-token-file or TOKCTL_APP_TOKEN.",
    });
  if (/[?#]/.test(url.href))
    throw new UsageError(`${source} contains a query or a fragment.`, {
      hint: "Remove the ? or # and everything after it.",
    });
  // A regular expression instead of net.isIP, because loading node:net takes time.
  const isName = !/^(\[.*|[\d.]+)$/.test(url.hostname);
  if (isPlainHttp(url) && httpHosts !== "any" && !(httpHosts === "names" && isName))
    throw new UsageError(
      `Refusing to send the credential over plain HTTP to ${url.host} (${source}, not a loopback host).`,
      {
        unknownWord: {
          word: text,
          candidates: [text.replace(/^http:/i, "https:")],
          isDerived: true,
        },
        hint: plainHttpHint,
      },
    );
  return url;
}

/**
 * Suggests the URL for a host without a scheme, or with an unknown one: http for this machine. Text
 * that is not a host name gets no suggestion, because it may be a secret.
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

/** The names of the `{…}` placeholders of a route. */
export type PathParameters<Route extends string> =
  Route extends `${string}{${infer Name}}${infer Rest}` ? Name | PathParameters<Rest> : never;

/**
 * Fills the placeholders of a route and appends it to the base URL, including the path of that. Each
 * value is encoded as exactly one path segment.
 * @throws UsageError for a value that is no valid segment: "", ".", ".." or a lone surrogate.
 */
export function buildUrl(
  baseUrl: URL,
  template: string,
  parameters: Readonly<Record<string, string>>,
  query: Query,
): URL {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    segment(parameters[name] ?? "", name),
  );
  const url = new URL(`${withoutTrailingSlash(baseUrl)}${path}`);
  for (const [key, value] of Object.entries(query))
    for (const item of [value ?? []].flat()) url.searchParams.append(key, String(item));
  if (url.origin !== baseUrl.origin)
    throw new Error(`${template} changes the origin ${baseUrl.origin}`);
  return url;
}

function segment(value: string, name: string): string {
  if (value === "" || value === "." || value === ".." || !value.isWellFormed())
    throw new UsageError(
      `Cannot use the ${name} in a URL: it is empty, "." or "..", or invalid Unicode.`,
      { hint: "Pass an ID, or a name of letters and digits." },
    );
  return encodeURIComponent(value);
}
