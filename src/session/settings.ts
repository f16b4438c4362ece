import { resolve } from "node:path";
import {
  certificateKeys,
  type Profile,
  type ProfileKey,
  type Profiles,
  profileKeys,
} from "../config/profiles.ts";
import type { Connection } from "../core/connection.ts";
import type { Provider } from "../core/provider.ts";
import { ownValue, unquote, unquoteVariables } from "../core/text.ts";
import { withoutTrailingSlash } from "../core/url.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { parseBaseUrl } from "../http/url.ts";
import { parsePlace } from "./base-url.ts";

/** Where to connect, as the command line has it. */
export interface PlaceOptions {
  readonly profile?: string | undefined;
  readonly provider?: string | undefined;
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly project?: string | undefined;
  readonly namespace?: string | undefined;
  readonly userHeader?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly clientId?: string | undefined;
  readonly oauthUrl?: string | undefined;
  readonly allowHttp?: boolean | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Everything that may say where to connect and as whom: the first of them that says it wins. */
export interface Sources {
  readonly options: PlaceOptions;
  /** Empty where the command line names a profile: what a shell happens to hold must not change it. */
  readonly env: Host["env"];
  readonly profile: Profile | undefined;
}

/**
 * Chooses the profile: by name, else the current one, unless a provider says that it is none.
 * @throws UsageError if there is no such profile.
 */
export function gatherSources(
  options: PlaceOptions,
  env: Host["env"],
  profiles: Profiles,
): Sources {
  const name = namedProfile(options, env) ?? currentProfile(options, env, profiles);
  return {
    options,
    env: environmentBeside(options, env),
    profile: name === undefined ? undefined : profiles.get(name),
  };
}

/** What the environment says, without quotes around it; nothing beside a profile that is typed. */
export const environmentBeside = ({ profile }: PlaceOptions, env: Host["env"]): Host["env"] =>
  profile === undefined ? unquoteVariables(env) : {};

/** The profile that the command line or the environment names. */
export const namedProfile = (
  { profile }: PlaceOptions,
  { TOKCTL_PROFILE }: Host["env"],
): string | undefined => profile ?? (unquote(TOKCTL_PROFILE ?? "") || undefined);

const currentProfile = (
  { provider }: PlaceOptions,
  { TOKCTL_PROVIDER }: Host["env"],
  profiles: Profiles,
): string | undefined => (provider || TOKCTL_PROVIDER ? undefined : profiles.current());

/** Where a setting comes from, for people. */
export type Origin = "flag" | "environment" | "profile";

export interface Setting {
  readonly value: string;
  readonly source: Origin;
  /** What gave it, for an error: `--url`, `TOKCTL_URL`, `url of profile "ci"`. */
  readonly name: string;
}

/** What is said of one setting, and where. */
export function findSetting(
  key: ProfileKey,
  { options, env, profile }: Sources,
): Setting | undefined {
  const words = key.replaceAll(/[A-Z]/g, (capital) => `_${capital}`);
  const variable = `TOKCTL_${words.toUpperCase()}`;
  const flag = options[key];
  if (flag !== undefined)
    return {
      value: String(flag),
      source: "flag",
      name: `--${words.replace("_", "-").toLowerCase()}`,
    };
  const fromEnv = env[variable];
  if (fromEnv) return { value: fromEnv, source: "environment", name: variable };
  const kept = profile?.[key];
  return kept === undefined
    ? undefined
    : { value: kept, source: "profile", name: `"${key}" of profile "${profile?.name}"` };
}

/**
 * The provider that was chosen.
 * @throws UsageError if none was, there is none of that id, or a profile is another's.
 */
export function resolveProvider(providers: readonly Provider[], sources: Sources): Provider {
  const { profile } = sources;
  const setting = findSetting("provider", sources);
  const ids = providers.map((provider) => provider.id);
  if (setting === undefined)
    throw new UsageError("No provider is chosen.", {
      hint: [
        "Four ways forward:",
        `  tokctl login ID (${ids.join(", ")}), which makes a profile and keeps the credential`,
        "  --provider ID with --url or --region, and --app-token-file",
        "  TOKCTL_PROVIDER, TOKCTL_URL and TOKCTL_APP_TOKEN in the environment",
        "  tokctl sandbox exec -- CMD, which sets them for CMD and a server on this machine",
      ],
    });
  const provider = findProvider(providers, setting);
  if (profile && profile.provider !== provider.id)
    throw new UsageError(
      `${setting.name} says ${provider.id}, but the profile "${profile.name}" is of ${profile.provider}.`,
      { hint: "Leave one of them out." },
    );
  return provider;
}

/** @throws UsageError if there is none of that id. */
export function findProvider(
  providers: readonly Provider[],
  { value, name }: Pick<Setting, "value" | "name">,
): Provider {
  const provider = providers.find(({ id }) => id === value);
  if (!provider)
    throw new UsageError(`${name} names no provider: "${value}".`, {
      unknownWord: { word: value, candidates: providers.map(({ id }) => id) },
      hint: `The providers are ${providers.map(({ id }) => id).join(", ")}.`,
    });
  return provider;
}

/**
 * The base URL to speak to: by flag, else by environment, else the profile's; they are never mixed.
 * @throws UsageError if there is none, two contradict each other, or it is not fit for a credential.
 */
export function resolveUrl(provider: Provider, sources: Sources): URL {
  const url = findUrl(provider, sources);
  if (url) return url;
  const regions = Object.keys(provider.regionUrls);
  throw new UsageError(`No address of ${provider.title} is given.`, {
    hint: `Pass --url URL${regions.length > 0 ? ` or --region ${regions.join("|")}` : ""}, or set TOKCTL_URL.`,
  });
}

/** The same, where it is not known yet whether there is one. */
export const findUrl = (provider: Provider, sources: Sources): URL | undefined =>
  urlByFlag(provider, sources) ??
  urlByEnvironment(provider, sources) ??
  urlByProfile(provider, sources) ??
  foreignLogin(provider, sources)?.url;

/** What the platform's own tools keep in the environment, which says nothing beside a profile. */
export const foreignLogin = (
  { readEnvironment: fromEnvironment }: Provider,
  { env, profile }: Sources,
): Pick<Connection, "url" | "credential"> | undefined =>
  profile ? undefined : fromEnvironment?.(env);

/** The region of the tokens that are meant, where it is not part of the address. */
export const resolveRegion = ({ supports }: Provider, sources: Sources): string | undefined =>
  supports.tokenRegions ? findSetting("region", sources)?.value.toUpperCase() : undefined;

/**
 * Whether a credential may be sent to another machine without encryption: by option, by environment
 * or by the profile.
 */
export const allowsHttp = ({ options, env, profile }: Sources): boolean =>
  options.allowHttp === true ||
  /^(1|true|yes)$/i.test(env["TOKCTL_ALLOW_HTTP"] ?? "") ||
  profile?.allowHttp === "true";

function urlByFlag(provider: Provider, sources: Sources): URL | undefined {
  const { url, region } = sources.options;
  const named = [
    { name: "--url", value: url },
    { name: "--region", value: region },
  ] as const;
  return resolvePlace(provider, ...named, allowsHttp(sources));
}

/** The only place that a credential from the environment may be sent to, if it names one. */
export function urlByEnvironment(provider: Provider, sources: Sources): URL | undefined {
  const { TOKCTL_URL, TOKCTL_REGION } = sources.env;
  const named = [
    { name: "TOKCTL_URL", value: TOKCTL_URL || undefined },
    { name: "TOKCTL_REGION", value: TOKCTL_REGION || undefined },
  ] as const;
  return resolvePlace(provider, ...named, allowsHttp(sources));
}

/** The only place that a profile's credential may be sent to. */
export function urlByProfile(provider: Provider, sources: Sources): URL | undefined {
  const { profile } = sources;
  if (!profile) return undefined;
  const region = { name: `"region" of profile "${profile.name}"`, value: profile.region };
  return resolvePlace(provider, addressOf(profile), region, allowsHttp(sources));
}

/** A profile that was written by hand may name an endpoint in place of a URL. */
const addressOf = ({ name, url, endpoint }: Profile): Named =>
  url === undefined && endpoint !== undefined
    ? { name: `"endpoint" of profile "${name}"`, value: endpoint }
    : { name: `"url" of profile "${name}"`, value: url };

/** What a profile may say, as it is to be written. @throws UsageError */
export function checkSetting(
  provider: Provider,
  key: ProfileKey,
  value: string,
  allowHttp: boolean,
): string {
  if (key === "url")
    return withoutTrailingSlash(parsePlace(provider, { name: "The url", value }, allowHttp));
  if (key === "allowHttp" && value !== "true")
    throw new UsageError(`The allowHttp is "${value}".`, {
      hint: 'It is true, or "" to drop it.',
    });
  if (key === "oauthUrl") return parseBaseUrl(value, "The oauthUrl").href;
  if (key === "region" && !provider.supports.tokenRegions)
    resolvePlace(provider, nothing, { name: "The region", value }, false);
  if (certificateKeys.some((each) => each === key)) return resolve(value);
  return key === "region" ? value.toUpperCase() : value;
}

/** An endpoint is kept as its address. @throws UsageError unless a profile can say it. */
export function checkKey(key: string): ProfileKey {
  const known = key === "endpoint" ? "url" : profileKeys.find((each) => each === key);
  if (!known)
    throw new UsageError(`"${key}" is no setting of a profile.`, {
      unknownWord: { word: key, candidates: profileKeys },
      hint: `The settings are ${profileKeys.join(", ")}.`,
    });
  return known;
}

interface Named {
  readonly name: string;
  readonly value: string | undefined;
}

const nothing: Named = { name: "", value: undefined };

function resolvePlace(
  provider: Provider,
  url: Named,
  { name, value }: Named,
  allowHttp: boolean,
): URL | undefined {
  const { title, regionUrls: hosts, supports } = provider;
  const region = { name, value: supports.tokenRegions ? undefined : value };
  if (url.value !== undefined && region.value !== undefined)
    throw new UsageError(`${url.name} and ${region.name} both say where ${title} is.`, {
      hint: "Give one of them.",
    });
  if (url.value !== undefined)
    return parsePlace(provider, { name: url.name, value: url.value }, allowHttp);
  if (region.value === undefined) return undefined;
  const host = ownValue(hosts, region.value.toUpperCase());
  const known = Object.keys(hosts).join(", ");
  if (host === undefined)
    throw new UsageError(`${region.name} "${region.value}" is no region of ${title}.`, {
      unknownWord: { word: region.value, candidates: Object.keys(hosts) },
      hint: `${known ? `It is one of ${known}; another` : "It has none; a"} place is given by --url.`,
    });
  return new URL(host);
}
