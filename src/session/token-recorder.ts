import type { CredentialStore } from "../config/credential-store.ts";
import type { Profiles } from "../config/profiles.ts";
import { attempt } from "../core/attempt.ts";
import { type TokenEvent, watchTokens } from "../core/token-events.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { CliError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type Account, findCaller } from "./account.ts";

/** What this run learns of an account's tokens. */
export interface TokenRecorder {
  /** The same tokens; what becomes known of them is noted. */
  watch(tokens: TokenProvider): TokenProvider;
  /** Keeps for completion what was noted. Fails silently. */
  remember(): Promise<void>;
  /** What tells the account from others, and nothing else of it; undefined where that can't be kept. */
  mark(): Promise<string | undefined>;
}

/**
 * The same stores; when a sign-in ends or another takes its place, what is remembered of its tokens
 * is deleted.
 */
export function forgetEnded<Stores extends { profiles: Profiles; credentials: CredentialStore }>(
  host: Host,
  { profiles, credentials }: Stores,
) {
  async function ending<T>(name: string, end: () => Promise<T>): Promise<T> {
    const find = () => findCaller(name, { profiles, credentials });
    const before = attempt(find);
    const result = await end();
    if (before !== undefined && before !== attempt(find)) (await loadCache(host)).forget(before);
    return result;
  }
  return {
    profiles: {
      ...profiles,
      saveSignIn: (name, ...rest) => ending(name, () => profiles.saveSignIn(name, ...rest)),
    } satisfies Profiles,
    credentials: {
      ...credentials,
      write: (name, ...rest) => ending(name, () => credentials.write(name, ...rest)),
      remove: (name) => ending(name, () => credentials.remove(name)),
    } satisfies CredentialStore,
  };
}

const loadCache = async (host: Host) => (await import("./token-cache.ts")).createTokenCache(host);

export function createTokenRecorder(host: Host, account: () => Promise<Account>): TokenRecorder {
  const news: TokenEvent[] = [];
  return {
    watch: (tokens) => watchTokens(tokens, (each) => news.push(each)),
    async remember() {
      if (news.length === 0) return;
      try {
        (await loadCache(host)).write(await account(), news);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
      }
    },
    mark: async () => (await loadCache(host)).mark(await account()),
  };
}
