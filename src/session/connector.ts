import type { CredentialStore } from "../config/credential-store.ts";
import { lazy } from "../core/async.ts";
import type { Connection } from "../core/connection.ts";
import type { Credential } from "../core/credential.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import type { Host } from "../host.ts";
import { checkPlainHttp } from "../http/base-url.ts";
import { type ChosenCredential, readCredential } from "./credential.ts";
import type { CredentialOptions } from "./target/credential-source.ts";
import { type Target, unwrap } from "./target/target.ts";
import type { TransportFactory } from "./transport-factory.ts";

/** Options of a connection. */
export interface ConnectOptions {
  /** Whether requests continue after an interrupt. */
  readonly ignoresInterrupt?: boolean;
  /** A credential to use instead of the target's. */
  readonly credential?: Credential;
}

/** Connects to the provider of a target. */
export interface Connector {
  /**
   * Connects to the provider; nothing is sent yet.
   * @throws CliError if a value of the target that a request needs is missing or invalid.
   */
  connect(options?: ConnectOptions): Promise<TokenProvider>;
  /** Reads the credential of the target, once. @throws UsageError, UnauthenticatedError */
  credential(): Promise<ChosenCredential>;
  /**
   * Returns the profile of the stored credential that is in use; undefined if the credential has
   * another source. @throws UsageError, UnauthenticatedError
   */
  profileNameInUse(): Promise<string | undefined>;
}

/**
 * Creates the connector of a target.
 * @param options the global options, which may contain the credential.
 */
export function createConnector(
  target: Target,
  options: CredentialOptions,
  host: Host,
  credentials: CredentialStore,
  transports: TransportFactory,
): Connector {
  const transport = lazy(() =>
    transports.open(unwrap(target.certificates), unwrap(target.allowHttp) !== undefined),
  );
  const credential = lazy(() => readCredential(target, options, host, credentials));
  async function profileNameInUse(): Promise<string | undefined> {
    const { source } = await credential();
    return source === "profile" ? unwrap(target.profile)?.value.name : undefined;
  }
  /**
   * Returns the function that replaces a renewed credential: a stored one in its store, any other
   * one for the rest of the session.
   */
  function createReplaceCredential(): Connection["replaceCredential"] {
    let current: Credential | undefined;
    return async (renew) => {
      const name = await profileNameInUse();
      if (name !== undefined && credentials.has(name)) return credentials.replace(name, renew);
      current = await renew(current ?? (await credential()).credential);
      return current;
    };
  }
  return {
    credential,
    profileNameInUse,
    async connect({ ignoresInterrupt = false, credential: other } = {}) {
      const provider = unwrap(target.provider);
      const usual = await transport();
      const url = unwrap(target.baseUrl).value;
      const allowHttp = unwrap(target.allowHttp) !== undefined;
      await checkPlainHttp(url, { allowHttp, lookup: host.lookup }, usual);
      return provider.connect({
        url,
        projectRefs: unwrap(target.projectRefs),
        region: unwrap(target.tokenRegion),
        credential: other ?? (await credential()).credential,
        replaceCredential: createReplaceCredential(),
        transport: ignoresInterrupt ? { ...usual, interrupt: new AbortController().signal } : usual,
      });
    },
  };
}
