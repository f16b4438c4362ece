/** The API that `sandbox exec` configures by default. */
export const defaultApi = "ovh-ai";

/** Maximum number of generated tokens of each API. */
export const maxGeneratedTokens = 100_000;

/** Settings of the emulated APIs. */
export interface SandboxSettings {
  /** Whether only administrators can manage the OSMO tokens of other users. */
  readonly osmoStrict?: boolean | undefined;
  /** Whether OSMO requires sign-in and rejects the user header. */
  readonly osmoGateway?: boolean | undefined;
  /** Maximum lifetime of OSMO tokens, in days. */
  readonly osmoMaxLifetime?: number | undefined;
  /** Time of the servers' clock at the start (default: the current time). */
  readonly now?: Date | undefined;
  /** Number of generated tokens of each API, at most `maxGeneratedTokens`. */
  readonly tokens?: number | undefined;
  readonly failures?: readonly FailureRule[] | undefined;
  /** Seed of the random failures (default: 1). */
  readonly failSeed?: number | undefined;
}

/** An injected failure, and the requests that it applies to. */
export interface FailureRule {
  /** HTTP method in capital letters, or `*` for all methods. */
  readonly method: string;
  /** Path of the URL. A `*` at the end matches any text. */
  readonly path: string;
  readonly fault: Fault;
  /** Share of the requests that fail, from 0 to 1. */
  readonly rate: number;
}

/**
 * What happens instead of the response: the connection closes before (`drop-request`) or after
 * (`drop-response`) the server processes the request, the server responds with an error status, or
 * it waits before it processes the request.
 */
export type Fault =
  | { readonly kind: "drop-request" }
  | { readonly kind: "drop-response" }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "delay"; readonly delayMs: number };
