import { readTextIfExists } from "../config/read-text.ts";
import type { Connection, Transport } from "../core/connection.ts";
import type { LoginField, LoginMethod, LoginRequest, LoginResult } from "../core/login-method.ts";
import type { Profile } from "../core/profile.ts";
import { type Provider, type Requirement, requireSupport } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { isWebUrl } from "../core/url.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { checkPlainHttp, isPlainHttp } from "../http/base-url.ts";
import { parseSecret, parseWord } from "./credential.ts";
import { readSecretFile } from "./input-files.ts";
import { findBaseUrl, parseUrlOrName } from "./target/base-url.ts";
import { findProvider } from "./target/selection.ts";
import {
  allowsHttp,
  applicableVariables,
  type CertificateFiles,
  type ConnectionOptions,
  findCertificateFiles,
  findSetting,
  type SettingSources,
} from "./target/setting.ts";
import { findProjectRefs, findTokenRegion } from "./target/target.ts";

/** The target of a sign-in, before prompts for missing values. */
export type SignInTarget = Pick<Connection, "region" | "projectRefs"> & {
  readonly url: URL | undefined;
  readonly certificates: CertificateFiles;
  /** Whether a credential may be sent there over plain HTTP. */
  readonly allowHttp: boolean;
};

/** The certificates for a server, and whether plain HTTP is allowed. */
type ServerAccess = Pick<SignInTarget, "certificates" | "allowHttp">;

/** Resolves the target and the answers of a sign-in, and signs in. */
export interface SignIn {
  /**
   * Returns the ID of the provider that `--provider` or TOKCTL_PROVIDER selects.
   * @param known the named profile, if it exists.
   */
  namedProvider(known: Profile | undefined): string | undefined;
  /**
   * Returns the provider with an ID.
   * @throws UsageError that names `source`, if the ID is unknown; or if the provider does not
   * support an option of the command line.
   */
  findProvider(id: string, source: string): Provider;
  /**
   * Returns the target from the profile alone. It has no URL if the URL of the profile is invalid.
   */
  targetOfProfile(provider: Provider, profile: Profile): Omit<SignInTarget, keyof ServerAccess>;
  /**
   * Returns the target of a sign-in to a provider.
   * @param url the value of the `[url]` argument. @throws UsageError if a setting is invalid.
   */
  resolveSignInTarget(
    provider: Provider,
    url: string | undefined,
    known: Profile | undefined,
  ): SignInTarget;
  /** Parses a base URL that was typed as an answer. @throws UsageError */
  parseUrl(provider: Provider, text: string): URL;
  /**
   * Reads the value of a field from its option; undefined without the option.
   * @throws UsageError
   */
  readAnswer(field: LoginField): Promise<Secret | string | undefined>;
  /**
   * Returns the value of a field from the environment or the profile, if the field is a setting.
   */
  savedAnswer(field: LoginField, known: Profile | undefined): string | undefined;
  /**
   * Checks a URL before a credential is sent to it.
   * @param allowHttp whether plain HTTP is allowed (default: as an option or variable says).
   * @returns whether the credential is sent to another machine over plain HTTP.
   * @throws UsageError if that is not allowed.
   */
  checkUrl(url: URL, allowHttp?: boolean): Promise<boolean>;
  /** Signs in with a method and returns the credential. @throws CliError */
  run(
    method: LoginMethod,
    request: Pick<LoginRequest, "url" | "projectRefs" | "answers">,
    access: ServerAccess,
  ): Promise<LoginResult>;
  /** Reads a text file; undefined if it does not exist. @throws UsageError if it can't be read. */
  readFile(path: string): Promise<string | undefined>;
  /** Connects to a provider with another target or credential than the session's. */
  connect(
    provider: Provider,
    connection: Omit<Connection, "transport">,
    access: ServerAccess,
  ): Promise<TokenProvider>;
}

/** The parts of a session that sign-ins use. */
interface SignInContext extends Pick<LoginRequest, "say"> {
  readonly requirements: readonly Requirement[];
  /** Whether a browser may be opened. */
  readonly interactive: boolean;
  readonly openTransport: (
    certificates: CertificateFiles,
    allowHttp: boolean,
  ) => Promise<Transport>;
}

export function createSignIn(
  host: Host,
  options: ConnectionOptions,
  { requirements, interactive, openTransport, say }: SignInContext,
): SignIn {
  const { env } = host;
  /**
   * Returns the variables that apply. With `-p` on the command line, none apply to an existing
   * profile.
   */
  const variablesFor = (known: Profile | undefined) =>
    applicableVariables(known ? options : {}, env);
  const allowsAnyHttp = () =>
    allowsHttp({ options, env: variablesFor(undefined), profile: undefined });
  async function open(
    url: URL | undefined,
    { certificates, allowHttp }: ServerAccess,
  ): Promise<Transport> {
    const transport = await openTransport(certificates, allowHttp);
    if (url) await checkPlainHttp(url, { allowHttp, lookup: host.lookup }, transport);
    return transport;
  }
  return {
    namedProvider: (known) =>
      options.provider ?? (variablesFor(known)["TOKCTL_PROVIDER"] || undefined),
    findProvider(value, name) {
      const provider = findProvider({ value, name });
      for (const each of requirements) requireSupport(provider, each);
      return provider;
    },
    targetOfProfile(provider, profile) {
      const sources: SettingSources = { options: {}, env: {}, profile };
      return {
        url: ifValid(() => findBaseUrl(provider, sources))?.value,
        region: findTokenRegion(provider, sources),
        projectRefs: findProjectRefs(provider, sources),
      };
    },
    resolveSignInTarget(provider, url, known) {
      if (url !== undefined && options.url !== undefined)
        throw new UsageError("The base URL is passed twice.", { hint: "Omit --url." });
      const variables = variablesFor(known);
      // Variables for another provider don't apply to this one.
      const isOther = ![undefined, "", provider.id].includes(variables["TOKCTL_PROVIDER"]);
      const sources: SettingSources = {
        options: { ...options, url: url ?? options.url },
        env: isOther ? {} : variables,
        profile: known,
      };
      return {
        url: findBaseUrl(provider, sources)?.value,
        region: findTokenRegion(provider, sources),
        projectRefs: findProjectRefs(provider, sources),
        certificates: findCertificateFiles(sources),
        allowHttp: allowsHttp(sources),
      };
    },
    parseUrl: (provider, text) =>
      parseUrlOrName(provider, { name: "The URL", value: text }, allowsAnyHttp()),
    checkUrl: async (url, allowHttp = allowsAnyHttp()) =>
      isPlainHttp(url) &&
      checkPlainHttp(url, { allowHttp, lookup: host.lookup }, await openTransport({}, allowHttp)),
    async readAnswer(field) {
      const { option, isSecret } = field;
      const given: Readonly<Record<string, unknown>> = { ...options };
      const value = given[camelCase(option)];
      const inline = given[camelCase(option.replace(/-file$/, ""))];
      if (isSecret && typeof value === "string")
        return parseSecret(field, ...(await readSecretFile(value, `--${option}`, host)));
      if (typeof inline !== "string") return undefined;
      const flag = `--${option.replace(/-file$/, "")}`;
      return isSecret ? parseSecret(field, inline, flag) : parseWord(inline, flag);
    },
    savedAnswer({ setting }, known) {
      const found =
        setting && findSetting(setting, { options: {}, env: variablesFor(known), profile: known });
      return found && parseWord(found.value, found.name);
    },
    async run(method, request, access) {
      const transport = await open(request.url, access);
      return method.signIn({
        ...request,
        env,
        readText: (path) => readTextIfExists(path, host),
        transport,
        say,
        browser: {
          randomBytes: host.randomBytes,
          serveLoopback: host.serveLoopback,
          open: async (url) => interactive && isWebUrl(url) && host.openUrl(url),
        },
      });
    },
    readFile: (path) => readTextIfExists(path, host),
    connect: async (provider, connection, access) =>
      provider.connect({ ...connection, transport: await open(connection.url, access) }),
  };
}

function ifValid<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

const camelCase = (option: string): string =>
  option.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
