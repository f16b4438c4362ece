import type { CredentialStore } from "../config/credential-store.ts";
import { certificateKeys } from "../config/profiles.ts";
import type { Credential } from "../core/credential.ts";
import type { Provider } from "../core/provider.ts";
import type { RetriesSetting } from "../core/retries.ts";
import { withoutTrailingSlash } from "../core/url.ts";
import { UnauthenticatedError } from "../errors.ts";
import type { ChosenCredential } from "./credential.ts";
import { findSetting, resolveUrl, type Sources } from "./settings.ts";

/** Milliseconds for a request, its reply and its repetitions, unless it is said. */
export const defaultTimeout = 30_000;

/** Milliseconds for all requests of a command together, unless a timeout is given, which is for all of them. */
export const defaultTotal = 10 * 60_000;

/** One thing that a call would use, and what says so. */
export interface SettingRow {
  readonly key: string;
  readonly value: string | null;
  readonly source: string | null;
}

/** Every setting of a call, for people; secrets are masked. */
export async function describeSettings(
  provider: Provider,
  sources: Sources,
  credential: () => Promise<ChosenCredential | undefined>,
  {
    credentials,
    timeout,
    retries,
  }: {
    readonly credentials: Pick<CredentialStore, "storageOf">;
    readonly timeout: number | undefined;
    readonly retries: RetriesSetting;
  },
): Promise<readonly SettingRow[]> {
  const { profile } = sources;
  const url = () => withoutTrailingSlash(resolveUrl(provider, sources));
  const row = (key: string, value: string | null, source: string | null): SettingRow => ({
    key,
    value,
    source,
  });
  const place = findSetting("url", sources) ?? findSetting("region", sources);
  const known = await credential().catch((error: unknown) => {
    if (error instanceof UnauthenticatedError) return undefined;
    throw error;
  });
  const ownsCredential = (known?.source ?? "profile") === "profile";
  const store = profile && ownsCredential ? await credentials.storageOf(profile.name) : undefined;
  return [
    row("profile", profile?.name ?? null, profile ? (namedBy(sources) ?? "default") : null),
    row("provider", provider.id, findSetting("provider", sources)?.source ?? null),
    row("url", url(), place?.source ?? "environment"),
    ...(
      [
        "region",
        "project",
        "namespace",
        "clientId",
        "oauthUrl",
        "allowHttp",
        ...certificateKeys,
      ] as const
    ).map((key) => {
      const { value = null, source = null } = findSetting(key, sources) ?? {};
      return row(key, value, source);
    }),
    row(
      "timeout",
      `${(timeout ?? defaultTimeout) / 1000}s`,
      timeout === undefined ? "default" : "flag",
    ),
    row("retries", retries.text, retries.source),
    row("credential", known ? maskOf(known.credential) : null, known?.source ?? null),
    row("store", store ?? null, store ? "profile" : null),
  ];
}

/** What named the profile; nothing did if it is the current one. */
const namedBy = ({ options, env }: Sources): string | undefined =>
  options.profile !== undefined ? "flag" : env["TOKCTL_PROFILE"] ? "environment" : undefined;

/** A user's name is no secret, nor is an application's key. */
const maskOf = (credential: Credential): string =>
  credential.kind === "user"
    ? credential.user
    : credential.kind === "application"
      ? `${credential.applicationKey} •••`
      : credential.kind === "oauth"
        ? `${credential.clientId} •••`
        : String(credential.token);
