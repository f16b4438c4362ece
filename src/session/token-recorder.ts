import { type TokenEvent, type TokenProvider, watchTokens } from "../core/token-provider.ts";
import { CliError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Account } from "./account.ts";

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
