import type { Connection } from "../../core/connection.ts";
import type { Profile } from "../../core/profile.ts";
import type { Provider } from "../../core/provider.ts";
import { ownValue } from "../../core/text.ts";
import { isLoopback } from "../../core/url.ts";
import { UsageError } from "../../errors.ts";
import { parseBaseUrl } from "../../http/base-url.ts";
import { allowsHttp, type SettingOrigin, type SettingSources } from "./setting.ts";

/** A base URL and its source. */
export interface BaseUrl {
  readonly value: URL;
  readonly source: SettingOrigin;
}

/**
 * Finds the base URL: by flag, else by environment variable, else in the profile. A URL and a region
 * from different sources are never combined.
 * @throws UsageError if two settings contradict each other, or the URL is invalid.
 */
export function findBaseUrl(provider: Provider, sources: SettingSources): BaseUrl | undefined {
  const candidates = [
    ["flag", baseUrlFromFlags],
    ["environment", baseUrlFromEnvironment],
    ["profile", baseUrlFromProfile],
    [
      "environment",
      (...args: Parameters<typeof findForeignLogin>) => findForeignLogin(...args)?.url,
    ],
  ] as const;
  for (const [source, find] of candidates) {
    const value = find(provider, sources);
    if (value) return { value, source };
  }
  return undefined;
}

/**
 * Finds the base URL and the credential in the environment variables of the platform's own tools.
 * These don't apply if a profile is in use.
 */
export const findForeignLogin = (
  { readEnvironment }: Provider,
  { env, profile }: SettingSources,
): Pick<Connection, "url" | "credential"> | undefined =>
  profile ? undefined : readEnvironment?.(env);

function baseUrlFromFlags(provider: Provider, sources: SettingSources): URL | undefined {
  const { url, region } = sources.options;
  return locate(
    provider,
    { name: "--url", value: url },
    { name: "--region", value: region },
    allowsHttp(sources),
  );
}

/**
 * Returns the base URL from the environment. A credential in the environment is sent only to its
 * origin.
 */
export function baseUrlFromEnvironment(
  provider: Provider,
  sources: SettingSources,
): URL | undefined {
  const { TOKCTL_URL, TOKCTL_REGION } = sources.env;
  return locate(
    provider,
    { name: "TOKCTL_URL", value: TOKCTL_URL || undefined },
    { name: "TOKCTL_REGION", value: TOKCTL_REGION || undefined },
    allowsHttp(sources),
  );
}

/**
 * Returns the base URL from the profile. The credential of the profile is sent only to its origin.
 */
export function baseUrlFromProfile(provider: Provider, sources: SettingSources): URL | undefined {
  const { profile } = sources;
  if (!profile) return undefined;
  const region = { name: `"region" of profile "${profile.name}"`, value: profile.region };
  return locate(provider, urlOf(profile), region, allowsHttp(sources));
}

/** Returns the URL of a profile. A profile that was edited by hand may have an endpoint instead. */
const urlOf = ({ name, url, endpoint }: Profile): Named =>
  url === undefined && endpoint !== undefined
    ? { name: `"endpoint" of profile "${name}"`, value: endpoint }
    : { name: `"url" of profile "${name}"`, value: url };

/** An optional value, and the name of its source. */
interface Named {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * Returns the base URL for a URL or a region.
 * @throws UsageError if both are set, or one is invalid.
 */
function locate(
  provider: Provider,
  url: Named,
  { name, value }: Named,
  allowHttp: boolean,
): URL | undefined {
  const { title, supports } = provider;
  const region = { name, value: supports.tokenRegions ? undefined : value };
  if (url.value !== undefined && region.value !== undefined)
    throw new UsageError(`${url.name} and ${region.name} both select the base URL of ${title}.`, {
      hint: "Pass only one of them.",
    });
  if (url.value !== undefined)
    return parseUrlOrName(provider, { name: url.name, value: url.value }, allowHttp);
  return region.value === undefined
    ? undefined
    : parseRegion(provider, { name, value: region.value });
}

/** Returns the base URL of a region. @throws UsageError if the provider has no such region. */
export function parseRegion(
  { title, regionUrls }: Provider,
  { name, value }: { readonly name: string; readonly value: string },
): URL {
  const host = ownValue(regionUrls, value.toUpperCase());
  if (host !== undefined) return new URL(host);
  const known = Object.keys(regionUrls);
  if (known.length === 0)
    throw new UsageError(`${title} does not support ${name}: it has no regions.`, {
      hint: "Pass --url URL instead.",
    });
  throw new UsageError(`${title} has no region "${value}" (${name}).`, {
    unknownWord: { word: value, candidates: known },
    hint: `Use one of ${known.join(", ")}, or pass --url URL.`,
  });
}

/**
 * Parses a base URL, or the name of an endpoint or region.
 * @param allowHttp whether plain HTTP to another machine is allowed. Without it, host names are
 * still accepted, because `checkPlainHttp()` resolves them later.
 * @throws UsageError that names `name` if the text is invalid.
 */
export function parseUrlOrName(
  provider: Provider,
  { name, value }: { readonly name: string; readonly value: string },
  allowHttp = false,
): URL {
  const { title, endpoints = {}, regionUrls, requestPathPrefix, basePath } = provider;
  const names = { ...endpoints, ...regionUrls };
  for (const word of [value, value.toUpperCase()])
    if (Object.hasOwn(names, word)) return new URL(names[word] ?? "");
  // An unknown name may be a secret that was pasted here, so the error does not show it.
  const known = Object.keys(names);
  if (known.length > 0 && /^[\w-]+$/.test(value) && !isLoopback(value))
    throw new UsageError(`${name} is neither a URL nor a region or endpoint of ${title}.`, {
      unknownWord: { word: value, candidates: known },
      hint: `Use one of ${known.join(", ")}, or a URL such as ${Object.values(names)[0]}.`,
    });
  const url = parseBaseUrl(value, name, allowHttp ? "any" : "names");
  const path = url.pathname.replace(/\/+$/, "");
  if (basePath !== undefined && path === "")
    throw new UsageError(`${name} does not contain the API version ${basePath}.`, {
      unknownWord: { word: value, candidates: [`${url.origin}${basePath}`], isDerived: true },
      hint: `Use ${url.origin}${basePath} instead.`,
    });
  if (requestPathPrefix === undefined || !path.endsWith(requestPathPrefix)) return url;
  const base = `${url.origin}${path.slice(0, -requestPathPrefix.length)}`;
  throw new UsageError(`${name} ends in ${requestPathPrefix}, which tokctl adds itself.`, {
    unknownWord: { word: value, candidates: [base], isDerived: true },
    hint: `Use ${base} instead.`,
  });
}
