import { createReadStream, statSync } from "node:fs";
import { createCredentialStore } from "../config/credential-store.ts";
import { findConfigDirectory } from "../config/directories.ts";
import { openProfiles, type Profiles } from "../config/profiles.ts";
import { attempt } from "../core/attempt.ts";
import type { Provider } from "../core/provider.ts";
import type { Host, InputStream } from "../host.ts";
import { type Account, findAccount } from "../session/account.ts";
import { findProvider } from "../session/target/selection.ts";
import { capture, resolveTarget, type TargetSources, unwrap } from "../session/target/target.ts";
import { type CachedToken, createTokenCache } from "../session/token-cache.ts";
import type { Line } from "./line.ts";

/** The target of the command line to complete. Methods send no request and show no prompt. */
export interface CompletionTarget {
  readonly profiles: Profiles;
  /** Returns the selected provider; undefined if none is selected. */
  provider(): Provider | undefined;
  /** Reads the cached tokens of the target, sorted by expiry, the earliest first. */
  tokens(): Promise<readonly CachedToken[]>;
  /**
   * Starts a background process that lists the tokens again, if `tokens()` was called and the cache
   * is outdated.
   */
  refresh(): Promise<void>;
}

/** Milliseconds after which cached tokens are listed again. */
const maxAge = 60_000;

/**
 * Options that are passed to the background process. None is a secret, because other users can see
 * its arguments.
 */
const passedOptions = [
  "profile",
  "provider",
  "url",
  "region",
  "project",
  "namespace",
  "userHeader",
  "appTokenFile",
  "caFile",
  "certFile",
  "keyFile",
  "user",
];

/** Resolves the target of a command line, as the command itself does. */
export function resolveCompletionTarget(
  { given, command, words }: Line,
  host: Host,
): CompletionTarget {
  const profiles = openProfiles(host);
  const credentials = createCredentialStore(findConfigDirectory(host), host, async () => {});
  const cache = createTokenCache(host);
  const options: TargetSources["options"] & { readonly user?: string } = Object.fromEntries(
    given.map(({ option, value }) => [option.name, value]),
  );
  const target = resolveTarget({ options, env: host.env, profiles });
  const named = words[command.arguments.findIndex(({ kind }) => kind === "provider")];
  const provider =
    named === undefined ? target.provider : capture(() => findProvider({ value: named, name: "" }));
  const readFile = (path: string) => {
    // Reading a pipe would block and consume the input of the command.
    if (!statSync(path).isFile()) throw new Error("no regular file");
    return createReadStream(path);
  };
  let stale: Account | undefined;

  /**
   * Finds the account of the tokens. Does not read a credential on stdin, because the command needs
   * it.
   */
  async function findListedAccount() {
    if (!("value" in provider) || options.appTokenFile === "-") return undefined;
    if (provider.value !== unwrap(target.provider)) return undefined;
    const stdin: InputStream = { async *[Symbol.asyncIterator]() {} };
    const { interrupt, env } = host;
    return findAccount(
      target,
      options,
      { stdin, interrupt, env, readFile },
      { profiles, credentials },
    );
  }
  function isInKeychain(): boolean {
    const profile = unwrap(target.profile)?.value;
    const text = profile && credentials.readFileText(profile.name);
    return text !== undefined && attempt(() => "store" in JSON.parse(text)) === true;
  }
  return {
    profiles,
    provider: () => ("value" in provider ? provider.value : undefined),
    async tokens() {
      const caller = await findListedAccount().catch(() => undefined);
      if (caller === undefined) return [];
      const { listedAt = 0, tokens = [] } = cache.read(caller.account, options.user) ?? {};
      const isOld = host.now().getTime() - listedAt > maxAge;
      // A keychain may prompt for a password, which TAB must not cause.
      const mayPrompt = caller.source === "profile" && isInKeychain();
      if (isOld && !mayPrompt) stale = caller.account;
      return tokens;
    },
    async refresh() {
      const { TOKCTL_COMPLETE_OFFLINE: offline } = host.env;
      if (stale === undefined || (offline && offline !== "0") || options.appToken !== undefined)
        return;
      if (!cache.claimRefresh(stale, options.user)) return;
      const flags = given.flatMap(({ option: { name, flags }, value }) =>
        passedOptions.includes(name) ? [`${flags.at(-1)}=${value}`] : [],
      );
      await host.spawnSelf(["token", "list", "--quiet", "--timeout=30s", ...flags]);
    },
  };
}
