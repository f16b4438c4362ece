import type { CredentialStore } from "../config/credential-store.ts";
import type { Profiles } from "../config/profiles.ts";
import { attempt } from "../core/attempt.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { CliError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type Account, findCaller } from "./account.ts";
import type { TokenEvent } from "./token-cache.ts";

/** Records the tokens that a session lists, issues and deletes, for completion. */
export interface TokenRecorder {
  /** Returns a provider that calls `tokens` and records the results. */
  watch(tokens: TokenProvider): TokenProvider;
  /** Saves the recorded events in the token cache, even if the command fails. */
  save(): Promise<void>;
  /**
   * Returns a fingerprint of the account, for the journal.
   * @returns undefined if the key for fingerprints can't be stored.
   */
  fingerprint(): Promise<string | undefined>;
}

const loadCache = async (host: Host) => (await import("./token-cache.ts")).createTokenCache(host);

/** @param account returns the account of the session. */
export function createTokenRecorder(host: Host, account: () => Promise<Account>): TokenRecorder {
  const events: TokenEvent[] = [];
  return {
    watch: (tokens) => watchTokens(tokens, (event) => events.push(event)),
    async save() {
      if (events.length === 0) return;
      try {
        (await loadCache(host)).write(await account(), events);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
      }
    },
    fingerprint: async () => (await loadCache(host)).fingerprint(await account()),
  };
}

/**
 * Returns the same stores, which also delete the cached tokens of a profile's caller when a sign-in
 * ends or another one replaces it.
 */
export function withCacheInvalidation<
  Stores extends { profiles: Profiles; credentials: CredentialStore },
>(host: Host, { profiles, credentials }: Stores) {
  async function invalidate<T>(name: string, change: () => Promise<T>): Promise<T> {
    const find = () => attempt(() => findCaller(name, { profiles, credentials }));
    const before = find();
    const result = await change();
    if (before !== undefined && before !== find()) (await loadCache(host)).deleteCaller(before);
    return result;
  }
  return {
    profiles: {
      ...profiles,
      saveSignIn: (name, ...rest) => invalidate(name, () => profiles.saveSignIn(name, ...rest)),
    } satisfies Profiles,
    credentials: {
      ...credentials,
      write: (name, ...rest) => invalidate(name, () => credentials.write(name, ...rest)),
      remove: (name) => invalidate(name, () => credentials.remove(name)),
    } satisfies CredentialStore,
  };
}

/** Returns a provider that reports tokens when they are listed, created, renewed or deleted. */
const watchTokens = (
  tokens: TokenProvider,
  report: (event: TokenEvent) => void,
): TokenProvider => ({
  ...tokens,
  ...watchRestoring(tokens, report),
  async list(owner) {
    const listed = await tokens.list(owner);
    report({ owner, kind: "listed", tokens: listed });
    return listed;
  },
  async create(spec, before) {
    const token = await tokens.create(spec, before);
    report({ owner: spec.owner, kind: "issued", token });
    return token;
  },
  async renew(old, changes, owner) {
    const token = await tokens.renew(old, changes, owner);
    report({ owner, kind: "issued", token });
    return token;
  },
  async delete(token, owner) {
    await tokens.delete(token, owner);
    report({ owner, kind: "deleted", id: token.id });
  },
});

function watchRestoring(
  { restore }: TokenProvider,
  report: (event: TokenEvent) => void,
): Pick<TokenProvider, "restore"> {
  if (!restore) return {};
  return {
    async restore(old, owner) {
      const token = await restore(old, owner);
      report({ owner, kind: "issued", token });
      return token;
    },
  };
}
