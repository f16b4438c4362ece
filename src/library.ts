import type { Credential } from "./core/credential.ts";
import type { TokenProvider } from "./core/provider.ts";
import { defaultRetries } from "./core/retries.ts";
import type { Fetch } from "./host/host.ts";
import { isPlainHttp, refusePlainHttp } from "./http/plain-http.ts";
import { createFetch } from "./http/transport/undici.ts";
import { providers } from "./providers/index.ts";
import { toSecret } from "./session/credential.ts";
import { defaultTimeout } from "./session/describe-settings.ts";
import { resolveProjectRef } from "./session/project.ts";
import { findProvider, resolveRegion, resolveUrl, type Sources } from "./session/settings.ts";
import { version } from "./version.ts";

export type { Credential, OAuthCredential } from "./core/credential.ts";
export type { Expiry } from "./core/expiry.ts";
export type { AssignedRole, Identity, RenewChanges, TokenProvider } from "./core/provider.ts";
export type { Resource, ResourceProvider, ResourceSpec } from "./core/resource.ts";
export { Secret } from "./core/secret.ts";
export type { Selector } from "./core/selector.ts";
export type { Timestamp } from "./core/time.ts";
export type { IssuedToken, Token, TokenSpec, TokenStatus } from "./core/token.ts";
export {
  CliError,
  ConflictError,
  type ErrorCode,
  InterruptedError,
  NotFoundError,
  UnauthenticatedError,
  UsageError,
} from "./errors.ts";
export type { Fetch, FetchInit, FetchReply } from "./host/host.ts";

/** Which API, where, and as whom. Neither the environment nor profiles are looked at. */
export interface ClientOptions {
  /** `ovh-ai`, `ovh-cloud`, `ovh-serving` or `osmo`. */
  readonly provider: string;
  /** Where it is, unless the region says it. */
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly project?: string | undefined;
  readonly namespace?: string | undefined;
  /** A string is a token of the kind that the provider takes. */
  readonly credential: string | Credential;
  /**
   * The URL may be plain http to another machine: the credential is then sent without encryption.
   * Without it, and without a `fetch` of your own, a host with loopback addresses only is allowed.
   */
  readonly allowHttp?: boolean | undefined;
  /** Milliseconds that a request may take, with all its repetitions: 30 000 unless it is said. */
  readonly timeout?: number | undefined;
  /** How often a request that failed in passing is sent again, if that is safe: 3 unless it is said. */
  readonly retries?: number | undefined;
  /** Sends the requests. It must not follow redirects. By default straight to the server, past any proxy. */
  readonly fetch?: Fetch | undefined;
  /** Ends all that is under way, and all that follows, when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Told of what the server wants known besides the result. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Prepares to speak to an API about its tokens; nothing is sent yet.
 * @throws UsageError for a provider, place or credential that is missing or impossible. The calls
 * of the client throw a CliError, whose `code` says what went wrong.
 */
export async function createClient(options: ClientOptions): Promise<TokenProvider> {
  const { region, project, namespace, allowHttp, credential: given } = options;
  const sources: Sources = {
    options: { url: options.url, region, project, namespace, allowHttp },
    env: {},
    profile: undefined,
  };
  const provider = findProvider(providers, { name: "provider", value: options.provider });
  let credential: Credential =
    typeof given === "string" ? { kind: "token", token: toSecret(given, "credential") } : given;
  const url = resolveUrl(provider, sources);
  if (!allowHttp && isPlainHttp(url)) await requireLoopback(url, options);
  return provider.connect({
    url,
    whereabouts: resolveProjectRef(provider, sources),
    region: resolveRegion(provider, sources),
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
      nextNumber: () => 0,
      warn: ({ text }) => options.onWarning?.(text),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
    },
  });
}

/** A fetch of the caller's own looks names up by itself: what is checked here says nothing of it. */
async function requireLoopback({ hostname, host }: URL, { fetch }: ClientOptions): Promise<void> {
  const { lookup } = await import("node:dns/promises");
  const found = fetch ? [] : await lookup(hostname, { all: true }).catch(() => []);
  const refusal = refusePlainHttp(
    host,
    found.map(({ address }) => address),
  );
  if (refusal) throw refusal;
}
