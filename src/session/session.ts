import {
  type CredentialStore,
  createCredentialStore,
  resolveStorageKind,
} from "../config/credential-store.ts";
import { findConfigDirectory } from "../config/directories.ts";
import { createProfiles, type Profiles } from "../config/profiles.ts";
import { lazy } from "../core/async.ts";
import type { Credential, StorageKind } from "../core/credential.ts";
import type { Provider } from "../core/provider.ts";
import { findRetries, parseRetriesSetting } from "../core/retries.ts";
import type { Secret } from "../core/secret.ts";
import type { ClockReading, RequestInterval } from "../core/server-clock.ts";
import { type Capability, requireSupport } from "../core/supports.ts";
import type { TargetOptions } from "../core/target-options.ts";
import { toTimestamp } from "../core/time.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import type { Check } from "../doctor/check.ts";
import type { Host } from "../host/host.ts";
import { checkPlainHttp } from "../http/plain-http.ts";
import type { ProbeResult } from "../http/probe-url.ts";
import { parseBaseUrl } from "../http/url.ts";
import { createJournal, type Journal } from "../issuance/journal/journal.ts";
import type { OperationTarget } from "../issuance/journal/journal-entry.ts";
import { createProgress, type Progress } from "../output/progress.ts";
import { type OutputOptions, say } from "../output/render.ts";
import type { Note } from "../output/view.ts";
import { providers, secretOptions } from "../providers/index.ts";
import type { Sandbox } from "../sandbox/app.ts";
import type { Listening } from "../sandbox/listen.ts";
import type { Deliveries } from "../sinks/open.ts";
import { toAccount } from "./account.ts";
import { findCertificates } from "./certificate-files.ts";
import { credentialByFlag, resolveCredential } from "./credential.ts";
import { createCredentialInUse } from "./credential-in-use.ts";
import {
  defaultTimeout,
  defaultTotal,
  describeSettings,
  type SettingRow,
} from "./describe-settings.ts";
import { resolveNetwork } from "./network.ts";
import { resolveProjectRef } from "./project.ts";
import { createPrompter, type Prompter } from "./prompter.ts";
import { findExposures } from "./secret-file.ts";
import type { SandboxOptions } from "./serve-sandbox.ts";
import {
  allowsHttp,
  findProvider,
  gatherSources,
  namedProfile,
  type PlaceOptions,
  resolveProvider,
  resolveRegion,
  resolveUrl,
} from "./settings.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";
import { createTokenRecorder, forgetEnded, type TokenRecorder } from "./token-recorder.ts";
import { createTransportFactory } from "./transport.ts";

/** The options that every command takes. */
export interface GlobalOptions extends OutputOptions, PlaceOptions, Pick<TargetOptions, "user"> {
  readonly appToken?: string | undefined;
  readonly appTokenFile?: string | undefined;
  /** Milliseconds for all requests; without it there is a time for each, and a long one for all. */
  readonly timeout?: number | undefined;
  /** How often a request that failed in passing is sent again. */
  readonly retries?: number | undefined;
  readonly debug: boolean;
}

/** An option on the command line that only some providers can serve. */
export interface Requirement {
  readonly flag: string;
  readonly capability: Capability;
}

export type { CredentialStore } from "../config/credential-store.ts";
export type { Profile, ProfileKey, Profiles } from "../config/profiles.ts";
export { profileKeys } from "../config/profiles.ts";
export type { Check } from "../doctor/check.ts";
export type { InterruptedEntry } from "../issuance/journal/journal.ts";
export type { OpenEntry } from "../issuance/journal/open-entry.ts";
export { loginFields, providers } from "../providers/index.ts";
/** The sandbox's own options, as plain data. */
export { defaultApi, sandboxSettings } from "../sandbox/settings.ts";
/** The kinds of places that a secret can be sent to, as plain data. */
export { sinkKinds } from "../sinks/index.ts";
export type { Deliveries, DeliveryResult } from "../sinks/open.ts";
export type { SettingRow } from "./describe-settings.ts";
export { checkKey, checkSetting } from "./settings.ts";
export type { Destination } from "./sign-in.ts";

/** How a session differs from the one that a call has anyway. */
export interface Reconnection {
  /** ^C does not end its calls. */
  readonly heedless?: boolean;
  /** Another credential than the one in use. */
  readonly as?: Credential;
}

/** What a command may use. Nothing here is built, read or sent before it is asked for. */
export interface Session
  extends Prompter,
    SignIn,
    Journal,
    Pick<TokenRecorder, "remember">,
    Pick<Progress, "trackItems" | "end"> {
  readonly host: Host;
  /** Every API there is, as plain data. */
  readonly providers: readonly Provider[];
  readonly profiles: Profiles;
  readonly credentials: CredentialStore;
  /**
   * Where a new credential is to be kept, by option or else by environment; undefined if neither
   * says. @throws UsageError
   */
  chooseStore(option: StorageKind | undefined): StorageKind | undefined;
  /** The profile that is meant: by option, by environment, else the current one. Its file is not read. */
  profileName(): string | undefined;
  /** What the command line says of the target, for the commands that errors show. */
  readonly target: TargetOptions;
  /** The same, where it was named. */
  readonly namedProfile: string | undefined;
  /**
   * The chosen provider, as plain data.
   * @throws UsageError if none is chosen, or it lacks what an option asks for.
   */
  provider(): Provider;
  /** The provider of that id, with the same checks. */
  providerOf(id: string, source: string): Provider;
  /** The region of the tokens that are meant, for a provider that has several at one address. */
  region(): string | undefined;
  /** The provider at its place, with its credential. */
  tokens(): Promise<TokenProvider>;
  /** What is wrong with files of secrets that options name and other users can read or write. */
  exposures(): readonly string[];
  /** The credential that an option gives; undefined if none does. */
  typedCredential(): Promise<Credential | undefined>;
  /**
   * An address to which a token may be sent: by https, on this machine, or where plain http is
   * allowed, of which it warns. @throws UsageError
   */
  parseAddress(text: string, source: string): Promise<URL>;
  /** Sends a token to an address, to see how it is received there. */
  probe(url: URL, token: Secret): Promise<ProbeResult>;
  /**
   * The profile whose own credential `tokens()` uses, and the origin that this is for; undefined if
   * it came from elsewhere.
   */
  profileInUse(): Promise<{ readonly name: string; readonly origin: string } | undefined>;
  /** Returns the interval of a request that starts now, for its journal entry. */
  startRequest(): RequestInterval;
  /** What time it is here, and at the server. */
  moment(): ClockReading;
  /**
   * Sees that there is time for what must not stay half done, though --timeout is over: as long as
   * --timeout, at most 30 seconds.
   */
  ensureTime(): void;
  /** Waits, if there is time for that and more; false if not. */
  pause(milliseconds: number): Promise<boolean>;
  /** The context of an earlier run: its place, and where it had its credential from a profile, that. */
  forTarget(target: OperationTarget): Session;
  /** What a call would use, and where each part comes from; secrets are masked. */
  settings(): Promise<readonly SettingRow[]>;
  /** The same place as `tokens()`, with a session of its own. */
  reconnect(options?: Reconnection): Promise<TokenProvider>;
  /**
   * Opens the places that a secret is to go to, and looks for all that would keep it from getting
   * there. @throws UsageError for the first that is not fit; then all are as they were.
   */
  openSinks(places: readonly string[], force: boolean): Promise<Deliveries>;
  /** Runs the checks of `tokctl doctor`. */
  runChecks(): Promise<readonly Check[]>;
  /** Says something before the result is there. */
  say(note: Note): Promise<void>;
  /** Serves the emulated APIs on this machine. */
  serveSandbox(options: SandboxOptions): Promise<Listening & Pick<Sandbox, "apis" | "logins">>;
}

/** The composition root: the only place that knows providers, configuration and the sandbox. */
export function openSession(
  outside: Host,
  options: GlobalOptions,
  requirements: readonly Requirement[],
): Session {
  const progress = createProgress(outside, options);
  const { host } = progress;
  const { env } = host;
  const timeout = options.timeout ?? defaultTimeout;
  const questions = createPrompter(host, options, progress);
  const folder = findConfigDirectory(host);
  const warn = (text: string) => say({ text, always: true }, options, host);
  const { profiles, credentials } = forgetEnded(host, {
    profiles: createProfiles(folder, host),
    credentials: createCredentialStore(folder, host, warn, timeout),
  });
  const sources = lazy(() => gatherSources(options, env, profiles));
  const retries = findRetries(options.retries, env);
  const ways = createTransportFactory(
    host,
    options,
    { timeout, total: options.timeout ?? defaultTotal },
    () => parseRetriesSetting(retries),
    progress,
  );
  const transportHere = lazy(() =>
    ways.trusting(findCertificates(sources()), allowsHttp(sources())),
  );
  /** Whether plain http may go to an address that is none of the profile's. */
  const allowsHttpUnasked = () => allowsHttp({ ...sources(), profile: undefined });
  const supporting = (provider: Provider): Provider => {
    for (const { capability, flag } of requirements) requireSupport(provider, capability, flag);
    return provider;
  };
  const provider = () => supporting(resolveProvider(providers, sources()));
  const credential = lazy(() => {
    const chosen = provider();
    const url = resolveUrl(chosen, sources());
    return resolveCredential(options, host, credentials, chosen, sources(), url);
  });
  const inUse = createCredentialInUse(credential, () => sources().profile?.name, credentials);
  async function connectHere({ heedless = false, as }: Reconnection = {}): Promise<TokenProvider> {
    const chosen = provider();
    const usual = await transportHere();
    const url = resolveUrl(chosen, sources());
    const { lookup } = host;
    await checkPlainHttp(url, { allowHttp: allowsHttp(sources()), lookup }, usual);
    return chosen.connect({
      url,
      projectRefs: resolveProjectRef(chosen, sources()),
      region: resolveRegion(chosen, sources()),
      credential: as ?? (await credential()).credential,
      replaceCredential: inUse.keeper(),
      transport: heedless ? { ...usual, interrupt: new AbortController().signal } : usual,
    });
  }
  const memory = createTokenRecorder(host, async () => {
    const stores = { profiles, credentials };
    const url = resolveUrl(provider(), sources());
    return toAccount(provider(), sources(), url, await credential(), stores);
  });
  const journal = createJournal(
    host,
    async () => ({
      provider: provider().id,
      url: resolveUrl(provider(), sources()).href,
      region: resolveRegion(provider(), sources()),
      ...resolveProjectRef(provider(), sources()),
      profile: await inUse.profile(),
      account: await memory.mark(),
    }),
    (text) => say({ text }, options, host),
  );
  const offset = () => ways.clocks.offset(resolveUrl(provider(), sources()));
  const profileName = () => namedProfile(options, env) ?? profiles.current();
  const settings = (credential: Parameters<typeof describeSettings>[2]) =>
    describeSettings(provider(), sources(), credential, {
      credentials,
      timeout: options.timeout,
      retries,
    });
  const signingIn = createSignIn(host, options, {
    interactive: questions.interactive,
    // A person is waited for, as long as the way to sign in says.
    transport: async (...network) => ({
      ...(await ways.trusting(...network)),
      budget: undefined,
    }),
    say: (text) => say({ text, always: true }, options, host),
  });
  return {
    ...questions,
    ...signingIn,
    ...journal,
    host,
    providers,
    profiles,
    credentials,
    chooseStore: (option) => resolveStorageKind(option, env),
    namedProfile: namedProfile(options, env),
    profileName,
    target: options,
    provider,
    region: () => resolveRegion(provider(), sources()),
    providerOf: (value, name) => supporting(findProvider(providers, { value, name })),
    tokens: async () => memory.watch(await connectHere()),
    reconnect: connectHere,
    exposures: () => findExposures(options, secretOptions, host),
    typedCredential: () => credentialByFlag(options, host),
    async parseAddress(text, source) {
      const url = parseBaseUrl(text, source, allowsHttpUnasked() ? "any" : "names");
      await signingIn.checkUrl(url, allowsHttpUnasked());
      return url;
    },
    async probe(url, token) {
      const transport = await ways.trusting(findCertificates(sources()), allowsHttpUnasked());
      return (await import("../http/probe-url.ts")).probeUrl(url, token, transport);
    },
    async profileInUse() {
      const name = await inUse.profile();
      return name === undefined
        ? undefined
        : { name, origin: resolveUrl(provider(), sources()).origin };
    },
    startRequest: () => ({ sentAt: toTimestamp(host.now()), endedAt: null, offset: offset() }),
    moment: () => ({ now: host.now().getTime(), offset: offset() }),
    forTarget: (place) => {
      const {
        output,
        quiet,
        color,
        debug,
        timeout,
        retries,
        allowHttp,
        caFile,
        certFile,
        keyFile,
      } = options;
      const trust = { allowHttp, caFile, certFile, keyFile };
      const own = { output, quiet, color, debug, timeout, retries, ...trust };
      return openSession(host, { ...(place.profile ? own : options), ...place }, []);
    },
    ensureTime: ways.budget.ensure,
    async pause(milliseconds) {
      if (ways.budget.remaining() <= milliseconds) return false;
      await ways.budget.spend(() => host.sleep(milliseconds));
      return true;
    },
    remember: memory.remember,
    settings: () => settings(credential),
    openSinks: async (places, force) =>
      (await import("../sinks/open.ts")).openSinks(places, force, host, async (path, work) =>
        (await import("../config/lock.ts")).withFileLock(path, host, work),
      ),
    runChecks: async () =>
      (await import("../doctor/run-checks.ts")).runChecks({
        host,
        folder,
        profiles,
        credentials,
        journal: journal.readJournal,
        profileName,
        settings: () => settings(async () => undefined),
        provider,
        url: () => resolveUrl(provider(), sources()),
        credential: async () => credential(),
        certificates: () => findCertificates(sources()),
        network: async (certificates) => ({
          ...(await resolveNetwork(certificates, host)),
          allowHttp: allowsHttp(sources()),
        }),
        transport: (network) => ({ ...ways.through(network, 0), budget: undefined }),
        tokens: () => connectHere(),
      }),
    say: (note) => say(note, options, host),
    trackItems: progress.trackItems,
    end: progress.end,
    serveSandbox: async (where) => (await import("./serve-sandbox.ts")).serveSandbox(host, where),
  };
}

export type { JournalEntry, OperationTarget } from "../issuance/journal/journal-entry.ts";
