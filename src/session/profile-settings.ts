import { resolve } from "node:path";
import type { CredentialStore } from "../config/credential-store.ts";
import type { Credential } from "../core/credential.ts";
import { certificateKeys, type ProfileKey, profileKeys } from "../core/profile.ts";
import type { Provider } from "../core/provider.ts";
import { withoutTrailingSlash } from "../core/url.ts";
import { UnauthenticatedError, UsageError } from "../errors.ts";
import { parseBaseUrl } from "../http/base-url.ts";
import type { ChosenCredential } from "./credential.ts";
import { parseRegion, parseUrlOrName } from "./target/base-url.ts";
import { type Target, unwrap } from "./target/target.ts";

/** A setting of a target, for display. */
export interface SettingRow {
  readonly key: string;
  readonly value: string | null;
  /** `flag`, `environment`, `profile` or `default`; null without a value. */
  readonly source: string | null;
}

const describedKeys = [
  "region",
  "project",
  "namespace",
  "clientId",
  "oauthUrl",
  "allowHttp",
  ...certificateKeys,
] as const;

/**
 * Describes every setting of a target; secrets are masked.
 * @param readCredential reads the credential; without one, its row is empty.
 * @throws UsageError if no provider or base URL is selected, or one is invalid.
 */
export async function describeSettings(
  target: Target,
  readCredential: () => Promise<ChosenCredential | undefined>,
  credentials: Pick<CredentialStore, "storageOf">,
): Promise<readonly SettingRow[]> {
  const provider = unwrap(target.provider);
  const profile = unwrap(target.profile);
  const settings = unwrap(target.settings);
  const credential = await readCredential().catch((error: unknown) => {
    if (error instanceof UnauthenticatedError) return undefined;
    throw error;
  });
  const isStored = (credential?.source ?? "profile") === "profile";
  const store = profile && isStored ? await credentials.storageOf(profile.value.name) : undefined;
  const baseUrl = unwrap(target.baseUrl);
  const row = (key: string, value: string | undefined, source: string | undefined): SettingRow => ({
    key,
    value: value ?? null,
    source: source ?? null,
  });
  return [
    row("profile", profile?.value.name, profile?.source),
    row("provider", provider.id, settings.provider?.source),
    row("url", withoutTrailingSlash(baseUrl.value), baseUrl.source),
    ...describedKeys.map((key) => row(key, settings[key]?.value, settings[key]?.source)),
    row("timeout", `${target.timeout.request / 1000}s`, target.timeout.source),
    row("retries", target.retries.text, target.retries.source),
    row("credential", credential && mask(credential.credential), credential?.source),
    row("store", store, store && "profile"),
  ];
}

/**
 * Formats a credential with its secrets masked. The name of a user and the key of an application
 * are not secret.
 */
const mask = (credential: Credential): string =>
  credential.kind === "user"
    ? credential.user
    : credential.kind === "application"
      ? `${credential.applicationKey} •••`
      : credential.kind === "oauth"
        ? `${credential.clientId} •••`
        : String(credential.token);

/** Returns the key that a setting is stored under; an endpoint is stored as its URL. @throws UsageError */
export function parseProfileKey(key: string): ProfileKey {
  const known = key === "endpoint" ? "url" : profileKeys.find((each) => each === key);
  if (!known)
    throw new UsageError(`A profile has no setting "${key}".`, {
      unknownWord: { word: key, candidates: profileKeys },
      hint: `The settings are ${profileKeys.join(", ")}.`,
    });
  return known;
}

/** Normalizes the value of a setting for its profile. @throws UsageError if it is invalid. */
export function parseProfileSetting(
  provider: Provider,
  key: ProfileKey,
  value: string,
  allowHttp: boolean,
): string {
  if (key === "url")
    return withoutTrailingSlash(parseUrlOrName(provider, { name: "The url", value }, allowHttp));
  if (key === "allowHttp" && value !== "true")
    throw new UsageError(`Cannot set allowHttp to "${value}".`, {
      hint: 'Use true, or "" to remove it.',
    });
  if (key === "oauthUrl") return parseBaseUrl(value, "The oauthUrl").href;
  if (key === "region" && !provider.supports.tokenRegions)
    parseRegion(provider, { name: "region", value });
  if (certificateKeys.some((each) => each === key)) return resolve(value);
  return key === "region" ? value.toUpperCase() : value;
}
