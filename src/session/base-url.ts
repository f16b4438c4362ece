import type { Provider } from "../core/provider.ts";
import { isLoopback } from "../core/url.ts";
import { UsageError } from "../errors.ts";
import { parseBaseUrl } from "../http/url.ts";

/**
 * Reads a base URL, or the name that the platform gives to one: of an endpoint or a region.
 * @param allowHttp whether plain http may lead to another machine. Where it may not, a host name is
 * accepted all the same: `checkPlainHttp()` looks it up.
 * @throws UsageError naming where the text comes from, unless it is one of these.
 */
export function parsePlace(
  provider: Provider,
  { name, value }: { readonly name: string; readonly value: string },
  allowHttp = false,
): URL {
  const { title, endpoints = {}, regionUrls: hosts, requestPathPrefix, basePath } = provider;
  const names = { ...endpoints, ...hosts };
  for (const word of [value, value.toUpperCase()])
    if (Object.hasOwn(names, word)) return new URL(names[word] ?? "");
  // What is no name may be a secret in the wrong place, and is not said.
  const known = Object.keys(names);
  if (known.length > 0 && /^[\w-]+$/.test(value) && !isLoopback(value))
    throw new UsageError(`${name} is neither a URL nor a name that ${title} has.`, {
      unknownWord: { word: value, candidates: known },
      hint: `It is one of ${known.join(", ")}, or a URL such as ${Object.values(names)[0]}.`,
    });
  const url = parseBaseUrl(value, name, allowHttp ? "any" : "names");
  const path = url.pathname.replace(/\/+$/, "");
  if (basePath !== undefined && path === "")
    throw new UsageError(`${name} lacks the version of the API, ${basePath}.`, {
      unknownWord: { word: value, candidates: [`${url.origin}${basePath}`], isDerived: true },
      hint: `Add it: ${url.origin}${basePath}`,
    });
  if (requestPathPrefix === undefined || !path.endsWith(requestPathPrefix)) return url;
  const base = `${url.origin}${path.slice(0, -requestPathPrefix.length)}`;
  throw new UsageError(`${name} ends in ${requestPathPrefix}, which tokctl adds itself.`, {
    unknownWord: { word: value, candidates: [base], isDerived: true },
    hint: `Leave it out: ${base}`,
  });
}
