import type { KeyObject } from "node:crypto";
import type { Hono } from "hono";

/** An RSA key pair, for RS256. */
export interface SigningKeys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** What an emulated API is made of besides its own code; a test freezes both. */
export interface SandboxRuntime {
  readonly now: () => Date;
  /** Cryptographically random bytes. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** What an issuer of JWTs signs with; without it each makes a pair of its own, which takes long. */
  readonly createSigningKeys?: () => Promise<SigningKeys>;
}

/** One emulated API: its routes, and how a client reaches it. */
export interface SandboxApi {
  /** The provider that speaks to it. */
  readonly id: string;
  readonly title: string;
  /** The paths it answers, for people: `/v1`. */
  readonly paths: string;
  readonly routes: Hono;
  /** The TOKCTL_* variables that point tokctl at it, the bootstrap credential among them. */
  environment(url: string): Readonly<Record<string, string>>;
}
