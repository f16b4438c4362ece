import { createHmac } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { findCacheDirectory, findConfigDirectory, makeDirectory } from "../config/directories.ts";
import { attempt } from "../core/attempt.ts";
import { byExpiry } from "../core/filter.ts";
import { toHex } from "../core/text.ts";
import type { Token } from "../core/token.ts";
import { type Host, isCi } from "../host.ts";
import { type Account, type Caller, callerOf } from "./account.ts";

/** A change or a listing of a user's tokens; `owner` is undefined for the caller's own tokens. */
export type TokenEvent = { readonly owner: string | undefined } & (
  | { readonly kind: "listed"; readonly tokens: readonly Token[] }
  | { readonly kind: "issued"; readonly token: Token }
  | { readonly kind: "deleted"; readonly id: string }
);

/** The attributes of a token that are cached. None is secret. */
export type CachedToken = Pick<
  Token,
  | "id"
  | "name"
  | "roles"
  | "labelSelector"
  | "resource"
  | "region"
  | "expiresAt"
  | "expiryEnforcedBy"
>;

/** The cached tokens of one account, sorted by expiry, the earliest first. */
export interface CachedTokens {
  /** When the tokens were last listed, in milliseconds since 1970; 0 if never. */
  readonly listedAt: number;
  readonly tokens: readonly CachedToken[];
}

/** Caches tokens on disk, so that completion sends no request. */
export interface TokenCache {
  /** Returns the tokens of an account and owner; undefined if none are cached. */
  read(account: Account, owner: string | undefined): CachedTokens | undefined;
  /** Updates the tokens of an account. */
  write(account: Account, events: readonly TokenEvent[]): void;
  /**
   * Returns an HMAC of an account, from which the account can't be derived.
   * @returns undefined if the key can't be stored.
   */
  fingerprint(account: Account): string | undefined;
  /** Returns whether this process may list the tokens again: true at most once a minute. */
  claimRefresh(account: Account, owner: string | undefined): boolean;
  /** Deletes the tokens of a caller, for every target. */
  deleteCaller(caller: Caller): void;
}

const minute = 60_000;
/** Milliseconds after which a file is deleted, by the extension of its name. */
const maxAge: ReadonlyMap<string, number> = new Map([
  ["json", 30 * 24 * 60 * minute],
  ["refresh", 60 * minute],
  ["tmp", 60 * minute],
]);
/** File names: digests of caller and account, then the kind of file. */
const fileName = /^([0-9a-f]{32})-[0-9a-f]{32}\.json(?:\.[0-9a-f]{16})?(?:\.(refresh|tmp))?$/;
/** Maximum number of cached tokens per account. Completion could not read more in time. */
const limit = 5000;

/** Whether the cache is off: by TOKCTL_CACHE, or in CI, where completion is not used. */
const isOff = (env: Host["env"]): boolean =>
  isCi(env) || /^(?:off|0|false|no)$/i.test(env["TOKCTL_CACHE"] ?? "");

/**
 * Opens the cache. It has a file for each account and owner. The name of the file is an HMAC with a
 * key in the configuration directory, so that secrets can't be guessed from it. No method throws;
 * without a cache directory nothing is cached.
 */
export function createTokenCache(
  host: Pick<Host, "env" | "platform" | "now" | "randomBytes">,
): TokenCache {
  const folder = findCacheDirectory(host);
  const home = findConfigDirectory(host);
  const now = () => host.now().getTime();
  const random = (size: number) => toHex(host.randomBytes(size));

  function digestOf(...what: readonly unknown[]): string | undefined {
    const key = home && attempt(() => readFileSync(join(home, "cache.key")));
    if (!key?.length) return undefined;
    return createHmac("sha256", key).update(JSON.stringify(what)).digest("hex").slice(0, 32);
  }

  function pathOf(account: Account, owner: string | undefined): string | undefined {
    const [caller, digest] = [digestOf(callerOf(account)), digestOf(account, owner)];
    if (digest === undefined || folder === undefined || isOff(host.env)) return undefined;
    return join(folder, "tokens", `${caller}-${digest}.json`);
  }

  /** Creates the key for digests if it is missing. */
  function prepareKey(): void {
    if (home === undefined || existsSync(join(home, "cache.key"))) return;
    attempt(() => makeDirectory(home));
    // If two processes create the key, the second fails and uses the key of the first.
    attempt(() => create(join(home, "cache.key"), random(32)));
  }

  /** Returns the path of a file to write. Creates its directory and the key. */
  function prepare(account: Account, owner: string | undefined): string | undefined {
    if (home === undefined || folder === undefined || isOff(host.env)) return undefined;
    return attempt(() => {
      makeDirectory(join(folder, "tokens"));
      prepareKey();
      return pathOf(account, owner);
    });
  }

  function create(path: string, text: string): void {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    utimesSync(path, host.now(), host.now());
  }

  function replace(path: string, known: CachedTokens): void {
    const fresh = `${path}.${random(8)}.tmp`;
    try {
      create(fresh, JSON.stringify(known));
      renameSync(fresh, path);
    } catch {
      rmSync(fresh, { force: true });
    }
  }

  /** Deletes the cache files that match. Other files in the directory are preserved. */
  function remove(
    folder: string,
    matches: (path: string, caller: string, kind: string) => boolean,
  ) {
    for (const name of readdirSync(folder)) {
      const [, caller, kind = "json"] = fileName.exec(name) ?? [];
      const path = join(folder, name);
      if (caller !== undefined) attempt(() => matches(path, caller, kind) && rmSync(path));
    }
  }

  const deleteOld = (folder: string) =>
    remove(folder, (path, _, kind) => now() - statSync(path).mtimeMs > (maxAge.get(kind) ?? 0));

  const cache: TokenCache = {
    read(account, owner) {
      const path = pathOf(account, owner);
      return path === undefined
        ? undefined
        : attempt(() => parseKnown(JSON.parse(readFileSync(path, "utf8"))));
    },
    write(account, events) {
      for (const owner of new Set(events.map((each) => each.owner))) {
        const path = prepare(account, owner);
        const old = cache.read(account, owner);
        const known = events
          .filter((each) => each.owner === owner)
          .reduce<CachedTokens | undefined>((before, each) => applyEvent(before, each, now()), old);
        if (path === undefined || known === undefined) continue;
        const tokens = soonest(known.tokens);
        // Writing is slow, so the same tokens are not written again within half a minute.
        const isRecent = known.listedAt - (old?.listedAt ?? 0) < minute / 2;
        if (isRecent && JSON.stringify(tokens) === JSON.stringify(old?.tokens)) continue;
        attempt(() => replace(path, { ...known, tokens }));
        attempt(() => deleteOld(dirname(path)));
      }
    },
    fingerprint(account) {
      prepareKey();
      return digestOf(account);
    },
    claimRefresh(account, owner) {
      const path = prepare(account, owner);
      if (path === undefined) return false;
      const claim = `${path}.refresh`;
      const begun = attempt(() => statSync(claim).mtimeMs);
      if (begun !== undefined && now() - begun < minute) return false;
      const claimed = attempt(() => {
        rmSync(claim, { force: true });
        create(claim, "");
        return true;
      });
      return claimed ?? false;
    },
    deleteCaller(caller) {
      const [digest, tokens] = [digestOf(caller), folder && join(folder, "tokens")];
      if (digest === undefined || tokens === undefined) return;
      attempt(() => remove(tokens, (_, owner) => owner === digest));
      // An empty directory is deleted too.
      attempt(() => rmdirSync(tokens));
    },
  };
  return cache;
}

/** Returns the tokens to cache: those that expire first, up to the limit. */
const soonest = <T extends Pick<CachedToken, "expiresAt">>(tokens: readonly T[]): readonly T[] =>
  tokens.toSorted(byExpiry).slice(0, limit);

/** Returns the cached tokens after an event. */
function applyEvent(
  old: CachedTokens | undefined,
  event: TokenEvent,
  now: number,
): CachedTokens | undefined {
  if (event.kind === "listed") return { listedAt: now, tokens: soonest(event.tokens).map(toKnown) };
  const id = event.kind === "issued" ? event.token.id : event.id;
  const others = (old?.tokens ?? []).filter((token) => token.id !== id);
  if (event.kind === "issued")
    return { listedAt: old?.listedAt ?? 0, tokens: [toKnown(event.token), ...others] };
  return old && { ...old, tokens: others };
}

/** Returns the attributes to cache. Omits all others, in particular the secret of a new token. */
const toKnown = ({
  id,
  name,
  roles,
  labelSelector,
  resource,
  region,
  expiresAt,
  expiryEnforcedBy,
}: CachedToken): CachedToken => ({
  id,
  name,
  roles,
  labelSelector,
  resource,
  region,
  expiresAt,
  expiryEnforcedBy,
});

/** Parses the content of a cache file; undefined if it is invalid. */
function parseKnown(data: Partial<CachedTokens> | null): CachedTokens | undefined {
  const { listedAt, tokens } = data ?? {};
  return typeof listedAt === "number" && Array.isArray(tokens) && tokens.every(isKnown)
    ? { listedAt, tokens }
    : undefined;
}

const isKnown = (token: Partial<CachedToken> | null): boolean =>
  typeof token?.id === "string" &&
  Array.isArray(token.roles) &&
  [
    token.name,
    token.labelSelector,
    token.resource,
    token.region,
    token.expiresAt,
    token.expiryEnforcedBy,
  ].every((text) => text === null || typeof text === "string");
