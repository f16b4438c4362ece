import { writePublicFile } from "../config/atomic-file.ts";
import { type CredentialStore, createCredentialStore } from "../config/credential-store.ts";
import { findConfigDirectory } from "../config/directories.ts";
import { openProfiles, type Profiles } from "../config/profiles.ts";
import type { TextLimit } from "../config/read-text.ts";
import { lazy } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import type { Credential } from "../core/credential.ts";
import type { Note } from "../core/message.ts";
import type { Provider } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import { toHex } from "../core/text.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import type { Host, Network } from "../host.ts";
import { parseBaseUrl } from "../http/base-url.ts";
import type { ProbeResult } from "../http/exchange.ts";
import { createJournal, type Journal } from "../journal/journal.ts";
import type { OperationTarget } from "../journal/journal-entry.ts";
import { say } from "../output/message.ts";
import { createProgress, type Progress } from "../output/progress.ts";
import type { OutputOptions } from "../output/view.ts";
import type { Deliveries, DestinationRecord, SinkContext } from "../sinks/sink.ts";
import { toAccount } from "./account.ts";
import { createTokenRecorder, withCacheInvalidation } from "./cache-updates.ts";
import { type ConnectOptions, createConnector } from "./connector.ts";
import { type ChosenCredential, readCredentialOption } from "./credential.ts";
import { readStdin } from "./input-files.ts";
import { readNetwork } from "./network.ts";
import { describeSettings, type SettingRow } from "./profile-settings.ts";
import { createPrompter, type Prompter } from "./prompter.ts";
import { createSessionClock, type SessionClock } from "./session-clock.ts";
import { createRequestLimit, selectSeveralProfiles } from "./several-profiles.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";
import { resolveTarget, type Target, type TargetSources, unwrap } from "./target/target.ts";
import { createTransportFactory, type TransportLimits } from "./transport-factory.ts";

/** The options that every command has. */
export type GlobalOptions = OutputOptions & TargetSources["options"] & { readonly debug: boolean };

/**
 * The context of a command: its target, a connection to the provider, stores, prompts and output.
 * Files are read and requests are sent only by the methods that need them.
 */
export interface Session {
  readonly host: Host;
  readonly target: Target;
  readonly profiles: Profiles;
  readonly credentials: CredentialStore;
  readonly prompter: Prompter;
  readonly signIn: SignIn;
  readonly journal: Journal;
  readonly clock: SessionClock;
  /** Returns the provider. @throws UsageError if none is selected, or it does not support an option. */
  provider(): Provider;
  /**
   * Returns the name of the profile: the named one, else the current one. Its file is not read.
   * @returns undefined without a named or current profile.
   */
  profileName(): string | undefined;
  /**
   * Returns the profile with the credential that `tokens()` uses, and the origin of that credential.
   * @returns undefined if no stored credential is used.
   */
  profileInUse(): Promise<{ readonly name: string; readonly origin: string } | undefined>;
  /** Connects to the provider with the target's credential, once. */
  tokens(): Promise<TokenProvider>;
  /** Opens another connection to the same provider. Its results are not recorded for completion. */
  reconnect(options?: ConnectOptions): Promise<TokenProvider>;
  /** Reads the credential from an option; undefined without such an option. @throws UsageError */
  readCredentialOption(): Promise<Credential | undefined>;
  /** Reads the text on stdin for an argument `-`. @throws UsageError if it can't be read */
  readStdin(limit: TextLimit): Promise<string>;
  /** Writes a file without secrets in one step. @throws UsageError if it can't be written */
  writePublicFile(path: string, text: string): Promise<void>;
  /**
   * Parses a URL to send a token to. It must use HTTPS or point to this machine. An option or
   * variable can allow plain HTTP to other machines, with a warning.
   * @throws UsageError that names `source`
   */
  parseProbeUrl(text: string, source: string): Promise<URL>;
  /** Sends a token to a URL and returns the status of the response. */
  probe(url: URL, token: Secret): Promise<ProbeResult>;
  /**
   * Opens a session for the target of a journal entry. It uses the credential of the entry's
   * profile, or else the credential of this session.
   */
  forTarget(target: OperationTarget): Session;
  /**
   * Opens a session for each profile of `-p a,b`, or for all profiles. They share the progress, the limit of
   * concurrent requests and the rate limits, and are closed with this session.
   * @returns undefined if the command line selects at most one profile.
   * @throws UsageError for an option that belongs to one profile, or that a provider does not support.
   */
  forProfiles(
    isAll: boolean,
  ): readonly { readonly name: string; readonly session: Session }[] | undefined;
  /** Describes the settings of the target; secrets are masked. */
  describeSettings(): Promise<readonly SettingRow[]>;
  /**
   * Opens the destinations of a secret and checks that they are writable.
   * @throws UsageError for the first one that is not; then nothing was changed.
   */
  openSinks(destinations: readonly string[], force: boolean): Promise<Deliveries>;
  /**
   * Reads which tokens destinations record, without their secrets.
   * @throws UsageError for the first one that can't be read.
   */
  readTokenRecords(destinations: readonly string[]): Promise<readonly DestinationRecord[]>;
  /** Reads the target's credential. @throws UsageError, UnauthenticatedError */
  credential(): Promise<ChosenCredential>;
  /** Reads the certificates and the proxy of the target. @throws UsageError for an invalid file */
  network(): Promise<Network>;
  /** Creates a transport without retries, which --timeout does not limit. */
  directTransport(network: Network): Transport;
  /** Prints a note on stderr before the result. */
  say(note: Note): Promise<void>;
  /** Shows progress during work on several items. */
  trackItems: Progress["trackItems"];
  /** Updates the completion cache and hides progress. */
  close(): Promise<void>;
}

/** The parts that the sessions of several profiles share. */
interface SharedParts extends TransportLimits {
  readonly progress: Progress;
}

/** The number of concurrent requests over several profiles. */
const maxRequests = 8;

/**
 * Opens a session: connects the target with stores, prompts, journal and transports.
 * @param shared the parts of another session to use.
 */
export function openSession(
  target: Target,
  options: GlobalOptions,
  outside: Host,
  shared?: SharedParts,
): Session {
  const progress = shared?.progress ?? createProgress(outside, options);
  const opened: Session[] = [];
  const { host } = progress;
  const folder = findConfigDirectory(host);
  const inform = (text: string) => say({ text }, options, host);
  const warn = (text: string | readonly string[]) => say({ text, always: true }, options, host);
  const { profiles, credentials } = withCacheInvalidation(host, {
    profiles: openProfiles(host),
    credentials: createCredentialStore(folder, host, warn, target.timeout.request),
  });
  const prompter = createPrompter(host, options, progress);
  const transports = createTransportFactory(host, options, target, progress, shared);
  const connector = createConnector(target, options, host, credentials, transports);
  const provider = () => unwrap(target.provider);
  const baseUrl = () => unwrap(target.baseUrl).value;
  const profileName = () => target.namedProfile ?? profiles.current();
  const recorder = createTokenRecorder(host, async () =>
    toAccount(target, await connector.credential(), { profiles, credentials }),
  );
  const journal = createJournal(
    host,
    async () => ({
      provider: provider().id,
      url: baseUrl().href,
      region: unwrap(target.tokenRegion),
      ...unwrap(target.projectRefs),
      profile: await connector.profileNameInUse(),
      account: await recorder.fingerprint(),
    }),
    inform,
  );
  const signIn = createSignIn(host, options, {
    requirements: target.requirements,
    interactive: prompter.interactive,
    // A sign-in waits for a person, as long as its method allows.
    openTransport: async (...network) => ({
      ...(await transports.open(...network)),
      budget: undefined,
    }),
    say: warn,
  });
  const lockFile: SinkContext["withFileLock"] = async (path, work) =>
    (await import("../config/lock.ts")).withFileLock(path, host, work);
  /** Whether plain HTTP is allowed to servers other than the profile's. */
  const allowsAnyHttp = () => ["flag", "environment"].includes(unwrap(target.allowHttp) ?? "");
  return {
    host,
    target,
    profiles,
    credentials,
    prompter,
    signIn,
    journal,
    clock: createSessionClock(host, transports, baseUrl),
    provider,
    profileName,
    async profileInUse() {
      const name = await connector.profileNameInUse();
      return name === undefined ? undefined : { name, origin: baseUrl().origin };
    },
    tokens: lazy(async () => recorder.watch(await connector.connect())),
    reconnect: connector.connect,
    readCredentialOption: () => readCredentialOption(options, host),
    readStdin: (limit) => readStdin(options, host, limit),
    async writePublicFile(path, text) {
      writePublicFile(path, text, toHex(host.randomBytes(8)));
    },
    async parseProbeUrl(text, source) {
      const url = parseBaseUrl(text, source, allowsAnyHttp() ? "any" : "names");
      await signIn.checkUrl(url, allowsAnyHttp());
      return url;
    },
    async probe(url, token) {
      const transport = await transports.open(unwrap(target.certificates), allowsAnyHttp());
      return (await import("../http/exchange.ts")).probeUrl(url, token, transport);
    },
    forTarget(earlier) {
      const own = { ...(earlier.profile ? withoutTarget(options) : options), ...earlier };
      const { env } = host;
      return openSession(resolveTarget({ options: own, env, profiles }), own, host);
    },
    forProfiles(isAll) {
      const names = selectSeveralProfiles(options, profiles, target.requirements, isAll);
      const parts = { progress, notBefore: new Map(), limit: createRequestLimit(maxRequests) };
      return names?.map((name) => {
        const own = { ...withoutTarget(options), profile: name, user: options.user };
        const { requirements } = target;
        const found = resolveTarget({ options: own, env: host.env, profiles, requirements });
        const session = openSession(found, own, host, parts);
        opened.push(session);
        return { name, session };
      });
    },
    describeSettings: () => describeSettings(target, connector.credential, credentials),
    openSinks: async (destinations, force) =>
      (await import("../sinks/open.ts")).openSinks(
        destinations,
        force,
        await connector.profileNameInUse(),
        host,
        lockFile,
      ),
    readTokenRecords: async (destinations) =>
      (await import("../sinks/open.ts")).readTokenRecords(destinations, host, lockFile),
    credential: connector.credential,
    network: async () => ({
      ...(await readNetwork(unwrap(target.certificates), target.proxy, host)),
      allowHttp: unwrap(target.allowHttp) !== undefined,
    }),
    directTransport: (network) => ({ ...transports.through(network, 0), budget: undefined }),
    say: (note) => say(note, options, host),
    trackItems: progress.trackItems,
    async close() {
      for (const each of opened) await each.close();
      await recorder.save();
      progress.end();
    },
  };
}

/** Returns the options without those that select a target or a credential. */
function withoutTarget(options: GlobalOptions): GlobalOptions {
  const { profile, provider, url, region, project, namespace, user, ...rest } = options;
  const { endpoint, clientId, oauthUrl, userHeader, appToken, appTokenFile, ...others } = rest;
  return others;
}
