import type { Credential } from "./core/credential.ts";
import type { TokenProvider } from "./core/token-provider.ts";
import { UsageError } from "./errors.ts";
import type { Fetch } from "./host.ts";
import { isPlainHttp, refusePlainHttp } from "./http/base-url.ts";
import { createFetch } from "./http/transport/undici.ts";
import { parseToken } from "./session/credential.ts";
import { defaultRetries } from "./session/target/retries.ts";
import { findProvider } from "./session/target/selection.ts";
import { defaultTimeout, resolveTarget, unwrap } from "./session/target/target.ts";
import { version } from "./version.ts";

export type { Credential, OAuthCredential } from "./core/credential.ts";
export type { Identity } from "./core/identity.ts";
export type { Resource, ResourceProvider, ResourceSpec } from "./core/resource.ts";
export { Secret } from "./core/secret.ts";
export { toSoftExpiryName } from "./core/soft-expiry.ts";
export type { Expiry, Timestamp } from "./core/time.ts";
export type {
  ExpiryEnforcement,
  IssuedToken,
  Selector,
  Token,
  TokenSpec,
  TokenStatus,
} from "./core/token.ts";
export type { AssignedRole, RenewChanges, TokenProvider } from "./core/token-provider.ts";
export {
  CliError,
  ConflictError,
  type ErrorCode,
  InterruptedError,
  NotFoundError,
  UnauthenticatedError,
  UsageError,
} from "./errors.ts";
export type { Fetch, FetchInit, FetchReply } from "./host.ts";

/** The target and credential of a client. Environment variables and profiles are not read. */
export interface ClientOptions {
  /** The ID of a provider, as in `tokctl help providers`. */
  readonly provider: string;
  /** The base URL; required unless `region` determines it. */
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly project?: string | undefined;
  readonly namespace?: string | undefined;
  /** A token as a string, or a credential of another kind. */
  readonly credential: string | Credential;
  /**
   * Allows plain HTTP to other machines, which sends the credential unencrypted. By default, plain
   * http is allowed only to hosts with loopback addresses; names are not resolved if `fetch` is set.
   */
  readonly allowHttp?: boolean | undefined;
  /** Milliseconds that a request may take, including its retries (default: 30 000). */
  readonly timeout?: number | undefined;
  /** Number of retries for transient failures of requests that are safe to repeat (default: 3). */
  readonly retries?: number | undefined;
  /** Sends the requests. It must not follow redirects. The default connects directly, without a proxy. */
  readonly fetch?: Fetch | undefined;
  /** Aborts all requests, including later ones. */
  readonly signal?: AbortSignal | undefined;
  /** Called with warnings of the server. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Creates a client for the tokens of one API. Nothing is sent yet.
 * @throws UsageError for a missing or invalid provider, URL, project, namespace or credential. The
 * methods of the client throw CliError, with the cause in `code`.
 */
export async function createClient(options: ClientOptions): Promise<TokenProvider> {
  requireCredential(options);
  const { url, region, project, namespace, allowHttp, credential: given } = options;
  const provider = findProvider({ name: "provider", value: options.provider });
  const target = resolveTarget({
    options: { provider: provider.id, url, region, project, namespace, allowHttp },
    env: {},
  });
  let credential: Credential =
    typeof given === "string" ? { kind: "token", token: parseToken(given, "credential") } : given;
  const baseUrl = unwrap(target.baseUrl).value;
  if (!allowHttp && isPlainHttp(baseUrl)) await requireLoopback(baseUrl, options);
  return provider.connect({
    url: baseUrl,
    projectRefs: unwrap(target.projectRefs),
    region: unwrap(target.tokenRegion),
    credential,
    replaceCredential: async (renew) => {
      credential = await renew(credential);
      return credential;
    },
    transport: {
      fetch: options.fetch ?? createFetch({ allowHttp }),
      now: () => new Date(),
      deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
      interrupt: options.signal ?? new AbortController().signal,
      timeout: options.timeout ?? defaultTimeout,
      retries: options.retries ?? defaultRetries,
      notBefore: new Map(),
      userAgent: `tokctl/${version}`,
      trace: () => {},
      nextRequestNumber: () => 0,
      warn: ({ text }) => options.onWarning?.(text),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
    },
  });
}

/** Refuses a credential that is missing, which TypeScript does not check for JavaScript callers. */
function requireCredential({ credential }: Partial<ClientOptions> = {}): void {
  const isGiven = typeof credential === "string" || typeof credential?.kind === "string";
  if (!isGiven)
    throw new UsageError("createClient() needs a credential.", {
      hint: 'Pass a token, for example createClient({ provider: "ovh-ai", region: "GRA", credential: process.env.TOKCTL_APP_TOKEN }).',
    });
}

/** Resolves the host of a plain HTTP URL; not for a custom fetch, which resolves names itself. */
async function requireLoopback({ hostname, host }: URL, { fetch }: ClientOptions): Promise<void> {
  const { lookup } = await import("node:dns/promises");
  const found = fetch ? [] : await lookup(hostname, { all: true }).catch(() => []);
  const error = refusePlainHttp(
    host,
    found.map(({ address }) => address),
  );
  if (error) throw error;
}
