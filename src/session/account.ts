import type { CredentialStore } from "../config/credential-store.ts";
import type { Profiles } from "../config/profiles.ts";
import type { Provider } from "../core/provider.ts";
import { Secret } from "../core/secret.ts";
import type { Host } from "../host/host.ts";
import { type ChosenCredential, type CredentialOptions, resolveCredential } from "./credential.ts";
import { resolveProjectRef } from "./project.ts";
import { type Origin, resolveRegion, type Sources } from "./settings.ts";

/**
 * Whose tokens, and where: a text that differs for every account at every place. It may hold a
 * secret, and is not to be kept as it is.
 */
export type Account = string;

/** Who calls, whatever the place: a part of an account, and as little to be kept as it is. */
export type Caller = string;

/** The caller of an account. */
export const callerOf = (account: Account): Caller => JSON.stringify(JSON.parse(account).at(-1));

/** The caller of what is kept for a profile; undefined if nothing is. */
export function findCaller(profile: string, { profiles, credentials }: Stores): Caller | undefined {
  const kept = credentials.readFileText(profile);
  return kept && JSON.stringify(profiles.account(profile) ?? kept);
}

type Stores = {
  readonly profiles: Pick<Profiles, "account">;
  readonly credentials: Pick<CredentialStore, "readFileText">;
};

/**
 * Tells apart the accounts of calls. What is kept for a profile counts by its sign-in, so that a
 * renewal changes nothing; any other credential by what it is.
 */
export function toAccount(
  provider: Provider,
  sources: Sources,
  url: URL,
  { credential, source }: ChosenCredential,
  { profiles, credentials }: Stores,
): Account {
  const name = source === "profile" ? sources.profile?.name : undefined;
  const kept = name === undefined ? undefined : credentials.readFileText(name);
  const caller =
    name === undefined || kept === undefined
      ? Object.entries(credential).map(([key, value]) => [
          key,
          value instanceof Secret ? value.reveal() : value,
        ])
      : (profiles.account(name) ?? kept);
  return JSON.stringify([
    provider.id,
    url.href,
    resolveProjectRef(provider, sources),
    resolveRegion(provider, sources),
    caller,
  ]);
}

/**
 * The same without a credential at hand, by the same rules: what is kept for a profile is not read,
 * so that no keychain is asked.
 * @throws UsageError, UnauthenticatedError where a call would.
 */
export async function findAccount(
  options: CredentialOptions,
  host: Pick<Host, "stdin" | "readFile" | "interrupt">,
  stores: Stores,
  provider: Provider,
  sources: Sources,
  url: URL,
): Promise<{ readonly account: Account; readonly source: Origin }> {
  const kept = {
    credential: { kind: "user", user: "whoever the profile is of" },
    origin: url.origin,
  } as const;
  const read = async (name: string) =>
    stores.credentials.readFileText(name) === undefined ? undefined : kept;
  const chosen = await resolveCredential(options, host, { read }, provider, sources, url);
  const account = toAccount(provider, sources, url, chosen, stores);
  return { account, source: chosen.source };
}
