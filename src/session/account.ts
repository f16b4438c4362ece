import type { CredentialStore } from "../config/credential-store.ts";
import type { Profiles } from "../config/profiles.ts";
import { Secret } from "../core/secret.ts";
import type { Host } from "../host.ts";
import { type ChosenCredential, readCredential } from "./credential.ts";
import type { CredentialOptions } from "./target/credential-source.ts";
import type { SettingOrigin } from "./target/setting.ts";
import { type Target, unwrap } from "./target/target.ts";

/**
 * Identifies the account of a target: provider, base URL, project, namespace, region and caller. It may
 * contain a secret, so only a digest of it is ever stored.
 */
export type Account = string;

/** Identifies the caller on any target: the last part of an account. */
export type Caller = string;

/** Returns the caller of an account. */
export const callerOf = (account: Account): Caller => JSON.stringify(JSON.parse(account).at(-1));

/** Returns the caller of the credential that is stored for a profile; undefined if none is stored. */
export function findCaller(profile: string, { profiles, credentials }: Stores): Caller | undefined {
  const kept = credentials.readFileText(profile);
  return kept && JSON.stringify(profiles.account(profile) ?? kept);
}

/** The stores that identify a caller. */
interface Stores {
  readonly profiles: Pick<Profiles, "account">;
  readonly credentials: Pick<CredentialStore, "readFileText">;
}

/**
 * Returns the account of a target. It is identified by the sign-in of the profile, which stays the same
 * when the credential is renewed. Without a profile, it is identified by the credential.
 */
export function toAccount(
  target: Target,
  { credential, source }: ChosenCredential,
  { profiles, credentials }: Stores,
): Account {
  const name = source === "profile" ? unwrap(target.profile)?.value.name : undefined;
  const kept = name === undefined ? undefined : credentials.readFileText(name);
  const caller =
    name === undefined || kept === undefined
      ? Object.entries(credential).map(([key, value]) => [
          key,
          value instanceof Secret ? value.reveal() : value,
        ])
      : (profiles.account(name) ?? kept);
  return JSON.stringify([
    unwrap(target.provider).id,
    unwrap(target.baseUrl).value.href,
    unwrap(target.projectRefs),
    unwrap(target.tokenRegion),
    caller,
  ]);
}

/**
 * Returns the account of a target without reading the credential of the profile, so that the
 * keychain is not used.
 * @throws UsageError, UnauthenticatedError like a call.
 */
export async function findAccount(
  target: Target,
  options: CredentialOptions,
  host: Pick<Host, "stdin" | "readFile" | "interrupt" | "env">,
  stores: Stores,
): Promise<{ readonly account: Account; readonly source: SettingOrigin }> {
  const stored = {
    credential: { kind: "user", user: "the user of the profile" },
    origin: unwrap(target.baseUrl).value.origin,
  } as const;
  const read = async (name: string) =>
    stores.credentials.readFileText(name) === undefined ? undefined : stored;
  const chosen = await readCredential(target, options, host, { read });
  return { account: toAccount(target, chosen, stores), source: chosen.source };
}
