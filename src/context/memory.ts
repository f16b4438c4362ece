import type { Account } from "../config/account.ts";
import type { TokenProvider } from "../core/provider.ts";
import { type TokenNews, watchTokens } from "../core/watch.ts";
import { CliError } from "../errors.ts";
import type { Host } from "../host.ts";

/** What this run learns of an account's tokens. */
export interface Memory {
  /** The same tokens; what becomes known of them is noted. */
  watch(tokens: TokenProvider): TokenProvider;
  /** Keeps for completion what was noted. Fails silently. */
  remember(): Promise<void>;
  /** What tells the account from others, and nothing else of it; undefined where that can't be kept. */
  mark(): Promise<string | undefined>;
}

export function createMemory(host: Host, account: () => Promise<Account>): Memory {
  const news: TokenNews[] = [];
  const cache = async () => (await import("../config/token-cache.ts")).createTokenCache(host);
  return {
    watch: (tokens) => watchTokens(tokens, (each) => news.push(each)),
    async remember() {
      if (news.length === 0) return;
      try {
        (await cache()).write(await account(), news);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
      }
    },
    mark: async () => (await cache()).mark(await account()),
  };
}
