import type { Profiles } from "../../config/profiles.ts";
import type { Connection, ProjectRef } from "../../core/connection.ts";
import { type Profile, type ProfileKey, profileKeys } from "../../core/profile.ts";
import { type Provider, type Requirement, requireSupport } from "../../core/provider.ts";
import type { TargetOptions } from "../../core/target-options.ts";
import { UsageError } from "../../errors.ts";
import type { Host, ProxySettings } from "../../host.ts";
import { type BaseUrl, findBaseUrl } from "./base-url.ts";
import {
  type CredentialOptions,
  type CredentialSource,
  findCredentialSource,
} from "./credential-source.ts";
import { findRetries, type RetriesSetting } from "./retries.ts";
import { namedProfile, selectProfile, selectProvider } from "./selection.ts";
import {
  applicableVariables,
  type CertificateFiles,
  type ConnectionOptions,
  findAllowHttp,
  findCertificateFiles,
  findSetting,
  resolveProxy,
  type Setting,
  type SettingOrigin,
  type SettingSources,
} from "./setting.ts";

/**
 * The server, project and credential that a command uses, with the source of each value: flag,
 * environment variable, profile or default. Plain data without secrets. A missing or invalid value is
 * an error, which is thrown by `unwrap()` in a command that needs the value.
 */
export interface Target {
  /** The options that select the target on the command line, for commands in hints. */
  readonly options: TargetOptions;
  /** The name from `-p` or TOKCTL_PROFILE; undefined for the current profile. */
  readonly namedProfile: string | undefined;
  readonly profile: Resolved<SelectedProfile | undefined>;
  /** Every setting, in its original spelling, with its source. */
  readonly settings: Resolved<Readonly<Partial<Record<ProfileKey, Setting>>>>;
  readonly provider: Resolved<Provider>;
  readonly baseUrl: Resolved<BaseUrl>;
  /** The region of the tokens, for a provider with tokens of several regions at one base URL. */
  readonly tokenRegion: Resolved<string | undefined>;
  /** The project and the namespace, if the provider needs them. */
  readonly projectRefs: Resolved<Connection["projectRefs"]>;
  /** The source of the credential. A stored credential may not exist: it is not read yet. */
  readonly credential: Resolved<CredentialSource>;
  readonly timeout: TimeoutSetting;
  /** Checked by `parseRetriesSetting()` when a request is sent. */
  readonly retries: RetriesSetting;
  readonly certificates: Resolved<CertificateFiles>;
  /**
   * The source of the setting that allows plain HTTP to another machine; undefined if it is not
   * allowed.
   */
  readonly allowHttp: Resolved<SettingOrigin | undefined>;
  /** The proxy that the environment names. */
  readonly proxy: ProxySettings | undefined;
  /** The options that need a capability of the provider. `provider` has it. */
  readonly requirements: readonly Requirement[];
}

/**
 * A value, or the error of reading it. The error does not affect commands that don't need the
 * value.
 */
export type Resolved<T> = { readonly value: T } | { readonly error: unknown };

/** Calls a function and returns its result or its error. */
export function capture<T>(find: () => T): Resolved<T> {
  try {
    return { value: find() };
  } catch (error) {
    return { error };
  }
}

/** Returns the value. @throws the error, if there is no value. */
export function unwrap<T>(resolved: Resolved<T>): T {
  if ("error" in resolved) throw resolved.error;
  return resolved.value;
}

/** The profile that a command uses. */
export interface SelectedProfile {
  readonly value: Profile;
  /** The source of its name; `default` for the current profile. */
  readonly source: "flag" | "environment" | "default";
}

/** Timeouts in milliseconds. */
export interface TimeoutSetting {
  /** For one request with its retries. */
  readonly request: number;
  /** For all requests of a command together. */
  readonly total: number;
  readonly source: "flag" | "default";
}

/** The sources of a target. */
export interface TargetSources {
  readonly options: ConnectionOptions &
    CredentialOptions & {
      /** In milliseconds. */
      readonly timeout?: number | undefined;
      readonly retries?: number | undefined;
    };
  readonly env: Host["env"];
  /** The stored profiles; without them, only options and variables apply. */
  readonly profiles?: Pick<Profiles, "current" | "get">;
  /** The options that need a capability of the provider. */
  readonly requirements?: readonly Requirement[];
}

/** Timeout in milliseconds for a request, unless `--timeout` sets one. */
export const defaultTimeout = 30_000;

/** Timeout in milliseconds for all requests of a command, unless `--timeout` sets one. */
const defaultTotalTimeout = 10 * 60_000;

/** Resolves the target of a command. Sends no request, and reads only the profile. */
export function resolveTarget({
  options,
  env,
  profiles,
  requirements = [],
}: TargetSources): Target {
  const sources = capture(
    (): SettingSources => ({
      options,
      env: applicableVariables(options, env),
      profile: selectProfile(options, env, profiles),
    }),
  );
  const provider = capture(() => {
    const found = selectProvider(unwrap(sources));
    for (const each of requirements) requireSupport(found, each);
    return found;
  });
  const derive = <T>(find: (provider: Provider, sources: SettingSources) => T): Resolved<T> =>
    capture(() => find(unwrap(provider), unwrap(sources)));
  const baseUrl = derive(requireBaseUrl);
  const { profile, url, region, project, namespace, userHeader, user } = options;
  return {
    options: {
      profile,
      provider: options.provider,
      url,
      region,
      project,
      namespace,
      userHeader,
      user,
    },
    namedProfile: namedProfile(options, env),
    profile: capture(() => toSelected(unwrap(sources))),
    settings: capture(() => findSettings(unwrap(sources))),
    provider,
    baseUrl,
    tokenRegion: derive(findTokenRegion),
    projectRefs: derive(requireProjectRefs),
    credential: derive((found, all) =>
      findCredentialSource(options, found, all, unwrap(baseUrl).value),
    ),
    timeout: {
      request: options.timeout ?? defaultTimeout,
      total: options.timeout ?? defaultTotalTimeout,
      source: options.timeout === undefined ? "default" : "flag",
    },
    retries: findRetries(options.retries, env),
    certificates: capture(() => findCertificateFiles(unwrap(sources))),
    allowHttp: capture(() => findAllowHttp(unwrap(sources))),
    proxy: resolveProxy(env),
    requirements,
  };
}

function toSelected({ options, env, profile }: SettingSources): SelectedProfile | undefined {
  if (!profile) return undefined;
  if (options.profile !== undefined) return { value: profile, source: "flag" };
  return { value: profile, source: env["TOKCTL_PROFILE"] ? "environment" : "default" };
}

const findSettings = (sources: SettingSources) =>
  Object.fromEntries(
    profileKeys.flatMap((key) => {
      const setting = findSetting(key, sources);
      return setting ? [[key, setting]] : [];
    }),
  );

function requireBaseUrl(provider: Provider, sources: SettingSources): BaseUrl {
  const found = findBaseUrl(provider, sources);
  if (found) return found;
  const regions = Object.keys(provider.regionUrls).join("|");
  throw new UsageError(`Missing base URL for ${provider.title}.`, {
    hint: `Pass --url URL${regions === "" ? "" : ` or --region ${regions}`}, or set TOKCTL_URL.`,
  });
}

/** Returns the region of the tokens, if it is not part of the base URL. */
export const findTokenRegion = (
  { supports }: Provider,
  sources: SettingSources,
): string | undefined =>
  supports.tokenRegions ? findSetting("region", sources)?.value.toUpperCase() : undefined;

/** Returns the project and the namespace, if the provider needs them and they are set. */
export const findProjectRefs = (
  { requiredRefs }: Provider,
  sources: SettingSources,
): Partial<Record<ProjectRef, string>> =>
  Object.fromEntries(
    requiredRefs.flatMap((need) => {
      const value = findSetting(need, sources)?.value;
      return value ? [[need, value]] : [];
    }),
  );

function requireProjectRefs(
  provider: Provider,
  sources: SettingSources,
): Connection["projectRefs"] {
  const found = findProjectRefs(provider, sources);
  const missing = provider.requiredRefs.find((need) => found[need] === undefined);
  if (missing === undefined) return found;
  throw new UsageError(`Missing option --${missing} (required by ${provider.title}).`, {
    hint: sources.profile
      ? `Pass --${missing}, or store it: tokctl profile set ${missing} ID -p ${sources.profile.name}`
      : `Pass --${missing} or set TOKCTL_${missing.toUpperCase()}.`,
  });
}
