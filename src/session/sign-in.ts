import type { Profile } from "../config/profiles.ts";
import { readTextIfExists } from "../config/read-text.ts";
import type { Connection, Transport } from "../core/connection.ts";
import type { LoginField, LoginMethod, LoginRequest, LoginResult } from "../core/login-method.ts";
import type { Provider } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { isWebUrl } from "../core/url.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { checkPlainHttp, isPlainHttp } from "../http/plain-http.ts";
import { type Certificates, findCertificates } from "./certificate-files.ts";
import { checkWord, readSecretFile, toSecret, toTokenSecret } from "./credential.ts";
import { findProjectRef } from "./project.ts";
import {
  allowsHttp,
  checkSetting,
  environmentBeside,
  findSetting,
  findUrl,
  type PlaceOptions,
  resolveRegion,
  type Sources,
} from "./settings.ts";

/** Where a login leads, as far as it is known before anybody is asked. */
export type Destination = Pick<Connection, "region" | "projectRefs"> & {
  readonly url: URL | undefined;
  readonly certificates: Certificates;
  /** A credential may be sent there without encryption. */
  readonly allowHttp: boolean;
};

/** What it takes to sign in somewhere. */
export interface SignIn {
  /** The provider that an option names, or the environment for a profile that is new. */
  providerFor(known: Profile | undefined): string | undefined;
  /** Where a profile leads by itself; without a URL if the profile's is not valid. */
  destinationOf(
    provider: Provider,
    profile: Profile,
  ): Omit<Destination, "certificates" | "allowHttp">;
  /** Where a login to this provider leads. `url` stands for --url. */
  destination(provider: Provider, url: string | undefined, known: Profile | undefined): Destination;
  /** An address that was typed in answer to a question. @throws UsageError */
  parseUrl(provider: Provider, text: string): URL;
  /** What an option says of a field; undefined if it was not given. */
  answer(field: LoginField): Promise<Secret | string | undefined>;
  /** What the environment or the profile says of a field that is a setting. */
  keptAnswer(field: LoginField, known: Profile | undefined): string | undefined;
  /**
   * Checks an address before a credential is sent there; by default by the rule of options and
   * environment. @returns whether it is sent to another machine without encryption.
   * @throws UsageError where that is not allowed.
   */
  checkUrl(url: URL, allowHttp?: boolean): Promise<boolean>;
  signIn(
    method: LoginMethod,
    request: Pick<LoginRequest, "url" | "projectRefs" | "answers">,
    network: Pick<Destination, "certificates" | "allowHttp">,
  ): Promise<LoginResult>;
  /** The text of a file; undefined if there is none. @throws UsageError if it can't be read. */
  readText(path: string): Promise<string | undefined>;
  /** The provider elsewhere than where a call would go, or as somebody else. */
  connect(
    provider: Provider,
    connection: Omit<Connection, "transport">,
    network: Pick<Destination, "certificates" | "allowHttp">,
  ): Promise<TokenProvider>;
}

/** What signing in needs of the rest. */
interface Surroundings extends Pick<LoginRequest, "say"> {
  /** Whether anybody would see a browser that opens. */
  readonly interactive: boolean;
  readonly transport: (certificates: Certificates, allowHttp: boolean) => Promise<Transport>;
}

export function createSignIn(
  host: Host,
  options: PlaceOptions,
  { interactive, transport, say }: Surroundings,
): SignIn {
  const { env } = host;
  /** A typed -p leaves the environment out only where the profile says itself where it leads. */
  const environmentFor = (known: Profile | undefined) =>
    environmentBeside(known ? options : {}, env);
  const allowsHttpUnasked = () =>
    allowsHttp({ options, env: environmentFor(undefined), profile: undefined });
  async function open(
    url: URL | undefined,
    { certificates, allowHttp }: Pick<Destination, "certificates" | "allowHttp">,
  ): Promise<Transport> {
    const way = await transport(certificates, allowHttp);
    if (url) await checkPlainHttp(url, { allowHttp, lookup: host.lookup }, way);
    return way;
  }
  return {
    providerFor: (known) =>
      options.provider ?? (environmentFor(known)["TOKCTL_PROVIDER"] || undefined),
    destinationOf(to, profile) {
      const given: Sources = { options: {}, env: {}, profile };
      return {
        url: ifValid(() => findUrl(to, given)),
        region: resolveRegion(to, given),
        projectRefs: findProjectRef(to, given),
      };
    },
    destination(to, url, known) {
      if (url !== undefined && options.url !== undefined)
        throw new UsageError("The address is given twice.", { hint: "Leave out --url." });
      const said = environmentFor(known);
      const given: Sources = {
        options: { ...options, url: url ?? options.url },
        // What the environment says of another provider's place is not this one's.
        env: [undefined, "", to.id].includes(said["TOKCTL_PROVIDER"]) ? said : {},
        profile: known,
      };
      return {
        url: findUrl(to, given),
        region: resolveRegion(to, given),
        projectRefs: findProjectRef(to, given),
        certificates: findCertificates(given),
        allowHttp: allowsHttp(given),
      };
    },
    parseUrl: (to, text) => new URL(checkSetting(to, "url", text, allowsHttpUnasked())),
    checkUrl: async (url, allowHttp = allowsHttpUnasked()) =>
      isPlainHttp(url) &&
      checkPlainHttp(url, { allowHttp, lookup: host.lookup }, await transport({}, allowHttp)),
    async answer({ option, isSecret, isToken }) {
      const read = isToken ? toTokenSecret : toSecret;
      const given: Readonly<Record<string, unknown>> = { ...options };
      const value = given[camelCase(option)];
      const inline = given[camelCase(option.replace(/-file$/, ""))];
      if (isSecret && typeof value === "string")
        return read(...(await readSecretFile(value, `--${option}`, host)));
      if (typeof inline !== "string") return undefined;
      const flag = `--${option.replace(/-file$/, "")}`;
      return isSecret ? read(inline, flag) : checkWord(inline, flag);
    },
    keptAnswer({ setting }, known) {
      const found =
        setting &&
        findSetting(setting, { options: {}, env: environmentFor(known), profile: known });
      return found && checkWord(found.value, found.name);
    },
    async signIn(method, request, network) {
      const way = await open(request.url, network);
      return method.signIn({
        ...request,
        env,
        readText: (path) => readTextIfExists(path, host),
        transport: way,
        say,
        browser: {
          randomBytes: host.randomBytes,
          serveLoopback: host.serveLoopback,
          // Where nobody sits, a browser would open for nobody.
          open: async (url) => interactive && isWebUrl(url) && host.openUrl(url),
        },
      });
    },
    readText: (path) => readTextIfExists(path, host),
    connect: async (to, connection, network) =>
      to.connect({ ...connection, transport: await open(connection.url, network) }),
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
