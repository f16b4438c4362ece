import type { KeyObject } from "node:crypto";
import type { Hono } from "hono";

/** An RSA key pair, for RS256. */
export interface SigningKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Clock and randomness of the emulated APIs. Tests replace them with fixed ones. */
export interface SandboxRuntime {
  readonly now: () => Date;
  /** Cryptographically random bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
  /**
   * Creates the key pair that signs JWTs. Tests share one pair, since creating an RSA key is slow.
   */
  readonly createSigningKeys?: () => Promise<SigningKeys>;
  /** Waits. Tests advance their clock instead. */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
}

/** One emulated API: its routes and the environment variables that select it. */
export interface SandboxApi {
  /** The ID of the tokctl provider for this API. */
  readonly id: string;
  readonly title: string;
  /** Path prefix shown to users, such as `/v1`. */
  readonly paths: string;
  readonly routes: Hono;
  /**
   * Returns the `TOKCTL_*` variables that select this API at `url`, including the bootstrap
   * credential.
   */
  environment(url: string): Readonly<Record<string, string>>;
}
