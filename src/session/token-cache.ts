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
import type { TokenEvent } from "../core/token-events.ts";
import { isCi } from "../host/environment.ts";
import type { Host } from "../host/host.ts";
import { type Account, type Caller, callerOf } from "./account.ts";

/** What is remembered of a token: nothing that is secret. */
export type KnownToken = Pick<
  Token,
  "id" | "name" | "roles" | "labelSelector" | "resource" | "region" | "expiresAt"
>;

/** The tokens of one account, those that expire soonest first. */
export interface KnownTokens {
  /** When all of them were last seen, in milliseconds; 0 for never. */
  readonly listedAt: number;
  readonly tokens: readonly KnownToken[];
}

/** What was last seen of tokens, so that completion needs no network. */
export interface TokenCache {
  /** Undefined if nothing is known. */
  read(account: Account, owner: string | undefined): KnownTokens | undefined;
  /** Remembers what a run has learnt. */
  write(account: Account, news: readonly TokenEvent[]): void;
  /** What tells an account from others, and nothing else of it; undefined where no key can be kept. */
  mark(account: Account): string | undefined;
  /** True for one caller a minute: who may list these tokens anew. */
  claimRefresh(account: Account, owner: string | undefined): boolean;
  /** Deletes what is remembered of a caller's tokens, at every place. */
  forget(caller: Caller): void;
}

const minute = 60_000;
/** How long a file of each kind is kept, in milliseconds: tokens that nobody has listed, and what a killed run left. */
const keptFor: ReadonlyMap<string, number> = new Map([
  ["json", 30 * 24 * 60 * minute],
  ["refresh", 60 * minute],
  ["tmp", 60 * minute],
]);
/** The names of our files: digests of caller and account, and a kind at the end. */
const ownName = /^([0-9a-f]{32})-[0-9a-f]{32}\.json(?:\.[0-9a-f]{16})?(?:\.(refresh|tmp))?$/;
/** More would neither be read in time nor looked through. */
const limit = 5000;

/** Whether nothing is remembered: in CI nobody presses TAB. */
const isOff = (env: Host["env"]): boolean =>
  isCi(env) || /^(?:off|0|false|no)$/i.test(env["TOKCTL_CACHE"] ?? "");

/**
 * A file for each account and owner, under a name that tells neither: their digest with a key that
 * is kept elsewhere, so that nobody can try secrets against it. Nothing here fails: without a place
 * to keep it, nothing is remembered.
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

  /** Makes what digests are made with, where it is missing. */
  function prepareKey(): void {
    if (home === undefined || existsSync(join(home, "cache.key"))) return;
    attempt(() => makeDirectory(home));
    // Of two processes one makes it, and both use it.
    attempt(() => create(join(home, "cache.key"), random(32)));
  }

  /** The same where something is to be written: makes what it takes. */
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

  function replace(path: string, known: KnownTokens): void {
    const fresh = `${path}.${random(8)}.tmp`;
    try {
      create(fresh, JSON.stringify(known));
      renameSync(fresh, path);
    } catch {
      rmSync(fresh, { force: true });
    }
  }

  /** Deletes those of our files that this is true for; what else is in the folder stays. */
  function remove(
    folder: string,
    isMeant: (path: string, caller: string, kind: string) => boolean,
  ) {
    for (const name of readdirSync(folder)) {
      const [, caller, kind = "json"] = ownName.exec(name) ?? [];
      const path = join(folder, name);
      if (caller !== undefined) attempt(() => isMeant(path, caller, kind) && rmSync(path));
    }
  }

  const forgetOld = (folder: string) =>
    remove(folder, (path, _, kind) => now() - statSync(path).mtimeMs > (keptFor.get(kind) ?? 0));

  const cache: TokenCache = {
    read(account, owner) {
      const path = pathOf(account, owner);
      return path === undefined
        ? undefined
        : attempt(() => parseKnown(JSON.parse(readFileSync(path, "utf8"))));
    },
    write(account, news) {
      for (const owner of new Set(news.map((each) => each.owner))) {
        const path = prepare(account, owner);
        const old = cache.read(account, owner);
        const known = news
          .filter((each) => each.owner === owner)
          .reduce<KnownTokens | undefined>((before, each) => learn(before, each, now()), old);
        if (path === undefined || known === undefined) continue;
        const tokens = soonest(known.tokens);
        // Replacing a file waits for the disk: what says the same is left as it is for a while.
        const isRecent = known.listedAt - (old?.listedAt ?? 0) < minute / 2;
        if (isRecent && JSON.stringify(tokens) === JSON.stringify(old?.tokens)) continue;
        attempt(() => replace(path, { ...known, tokens }));
        attempt(() => forgetOld(dirname(path)));
      }
    },
    mark(account) {
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
    forget(caller) {
      const [digest, tokens] = [digestOf(caller), folder && join(folder, "tokens")];
      if (digest === undefined || tokens === undefined) return;
      attempt(() => remove(tokens, (_, owner) => owner === digest));
      // The last one takes the folder with it.
      attempt(() => rmdirSync(tokens));
    },
  };
  return cache;
}

/** As many as are remembered, those that expire soonest. */
const soonest = <T extends Pick<KnownToken, "expiresAt">>(tokens: readonly T[]): readonly T[] =>
  tokens.toSorted(byExpiry).slice(0, limit);

/** What is known after a piece of news. */
function learn(
  old: KnownTokens | undefined,
  news: TokenEvent,
  now: number,
): KnownTokens | undefined {
  if (news.kind === "listed") return { listedAt: now, tokens: soonest(news.tokens).map(toKnown) };
  const id = news.kind === "issued" ? news.token.id : news.id;
  const others = (old?.tokens ?? []).filter((token) => token.id !== id);
  if (news.kind === "issued")
    return { listedAt: old?.listedAt ?? 0, tokens: [toKnown(news.token), ...others] };
  return old && { ...old, tokens: others };
}

/** Leaves out the rest, a new token's secret above all. */
const toKnown = ({
  id,
  name,
  roles,
  labelSelector,
  resource,
  region,
  expiresAt,
}: KnownToken): KnownToken => ({ id, name, roles, labelSelector, resource, region, expiresAt });

/** What a file of ours holds; undefined for anything else. */
function parseKnown(data: Partial<KnownTokens> | null): KnownTokens | undefined {
  const { listedAt, tokens } = data ?? {};
  return typeof listedAt === "number" && Array.isArray(tokens) && tokens.every(isKnown)
    ? { listedAt, tokens }
    : undefined;
}

const isKnown = (token: Partial<KnownToken> | null): boolean =>
  typeof token?.id === "string" &&
  Array.isArray(token.roles) &&
  [token.name, token.labelSelector, token.resource, token.region, token.expiresAt].every(
    (text) => text === null || typeof text === "string",
  );
