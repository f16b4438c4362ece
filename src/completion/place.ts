import { createReadStream, statSync } from "node:fs";
import { createCredentialStore } from "../config/credential-store.ts";
import { findConfigDirectory } from "../config/directories.ts";
import { openProfiles, type Profiles } from "../config/profiles.ts";
import { attempt } from "../core/attempt.ts";
import type { Provider } from "../core/provider.ts";
import type { Host, InputStream } from "../host/host.ts";
import { type Account, findAccount } from "../session/account.ts";
import { capture, unwrap } from "../session/resolved.ts";
import { findProvider } from "../session/selection.ts";
import { resolveTarget, type TargetSources } from "../session/target.ts";
import { type CachedToken, createTokenCache } from "../session/token-cache.ts";
import type { Line } from "./line.ts";

/** Where the line leads, by the same rules as when it is run; nothing is sent and nobody is asked. */
export interface CompletionTarget {
  readonly profiles: Profiles;
  /** Undefined if the line and what stands behind it name none. */
  provider(): Provider | undefined;
  /** What is known of the tokens there, those that expire soonest first. */
  tokens(): Promise<readonly CachedToken[]>;
  /** Lists them anew in the background, if they were asked for and what is known is old. */
  refresh(): Promise<void>;
}

/** How long what is known of tokens counts as new, in milliseconds. */
const freshFor = 60_000;

/** What of a line says whose tokens are listed. A secret is not among it: it would be seen by others. */
const repeated = [
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

export function findCompletionTarget(
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
    // A pipe would be waited for, and emptied.
    if (!statSync(path).isFile()) throw new Error("no regular file");
    return createReadStream(path);
  };
  let stale: Account | undefined;

  /** Finds the account whose tokens are listed; nothing if stdin has the credential, which is for the command. */
  async function findListed() {
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
      const caller = await findListed().catch(() => undefined);
      if (caller === undefined) return [];
      const { listedAt = 0, tokens = [] } = cache.read(caller.account, options.user) ?? {};
      const isOld = host.now().getTime() - listedAt > freshFor;
      // A keychain may ask the person, who has pressed TAB and nothing else.
      const asks = caller.source === "profile" && isInKeychain();
      if (isOld && !asks) stale = caller.account;
      return tokens;
    },
    async refresh() {
      const { TOKCTL_COMPLETE_OFFLINE: offline } = host.env;
      if (stale === undefined || (offline && offline !== "0") || options.appToken !== undefined)
        return;
      if (!cache.claimRefresh(stale, options.user)) return;
      const flags = given.flatMap(({ option: { name, flags }, value }) =>
        repeated.includes(name) ? [`${flags.at(-1)}=${value}`] : [],
      );
      await host.spawnSelf(["token", "list", "--quiet", "--timeout=30s", ...flags]);
    },
  };
}
