import { resolve } from "node:path";
import { certificateKeys, type Profile, type ProfileKey } from "../../core/profile.ts";
import { unquoteVariables } from "../../core/quoting.ts";
import type { TargetOptions } from "../../core/target-options.ts";
import type { Host, ProxySettings } from "../../host.ts";

/** The source of a setting. */
export type SettingOrigin = "flag" | "environment" | "profile";

/** A setting and its source. */
export interface Setting {
  readonly value: string;
  readonly source: SettingOrigin;
  /** The flag, variable or profile key, for errors: `--url`, `TOKCTL_URL`, `"url" of profile "ci"`. */
  readonly name: string;
}

/** The global options of a connection. */
export interface ConnectionOptions extends TargetOptions {
  readonly endpoint?: string | undefined;
  readonly clientId?: string | undefined;
  readonly oauthUrl?: string | undefined;
  readonly allowHttp?: boolean | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** The sources of settings, in order of precedence. */
export interface SettingSources {
  readonly options: ConnectionOptions;
  /** The environment variables; empty if the command line names a profile: see `applicableVariables()`. */
  readonly env: Host["env"];
  readonly profile: Profile | undefined;
}

/**
 * Returns the environment, without quotes around the values of tokctl's variables. With `-p` on the
 * command line, no variable applies, so that a variable of the shell can't change the target.
 */
export const applicableVariables = (
  { profile }: Pick<ConnectionOptions, "profile">,
  env: Host["env"],
): Host["env"] => (profile === undefined ? unquoteVariables(env) : {});

/** Finds a setting: by flag, else by environment variable, else in the profile. */
export function findSetting(
  key: ProfileKey,
  { options, env, profile }: SettingSources,
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

/** Returns the setting that allows plain HTTP to another machine. */
export function findAllowHttp({
  options,
  env,
  profile,
}: SettingSources): SettingOrigin | undefined {
  if (options.allowHttp === true) return "flag";
  if (/^(1|true|yes)$/i.test(env["TOKCTL_ALLOW_HTTP"] ?? "")) return "environment";
  return profile?.allowHttp === "true" ? "profile" : undefined;
}

/** Whether a credential may be sent to another machine over plain HTTP. */
export const allowsHttp = (sources: SettingSources): boolean =>
  findAllowHttp(sources) !== undefined;

/** The absolute paths of the PEM files of a connection. */
export type CertificateFiles = Readonly<Partial<Record<(typeof certificateKeys)[number], Setting>>>;

/** Finds the PEM files that the settings name. */
export const findCertificateFiles = (sources: SettingSources): CertificateFiles =>
  Object.fromEntries(
    certificateKeys.flatMap((key) => {
      const setting = findSetting(key, sources);
      return setting ? [[key, { ...setting, value: resolve(setting.value) }]] : [];
    }),
  );

/**
 * Returns the proxy in HTTPS_PROXY, else in HTTP_PROXY (as in undici), else in ALL_PROXY. Lowercase
 * names take precedence. A SOCKS proxy is an error once it is used. One proxy is sufficient,
 * because plain HTTP never uses a proxy.
 */
export function resolveProxy(env: Host["env"]): ProxySettings | undefined {
  const either = (name: string) =>
    env[name.toLowerCase()] === undefined ? name : name.toLowerCase();
  const variable = [either("HTTPS_PROXY"), either("HTTP_PROXY"), either("ALL_PROXY")].find(
    (name) => env[name],
  );
  const url = variable && env[variable];
  return url ? { url, variable, noProxy: env[either("NO_PROXY")] ?? "" } : undefined;
}
