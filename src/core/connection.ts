import type { Fetch } from "../host/host.ts";
import type { Credential } from "./credential.ts";
import type { TimeBudget } from "./time-budget.ts";

/** Where in an account tokens are. */
export type ProjectRef = "project" | "namespace";

/** A provider at a place, with a credential. */
export interface Connection {
  readonly url: URL;
  /** Of those that the provider needs, each is there. */
  readonly projectRefs: Readonly<Partial<Record<ProjectRef, string>>>;
  /** The region of the tokens that are meant, for a provider that has several at one address. */
  readonly region: string | undefined;
  readonly credential: Credential;
  /**
   * Replaces the credential for good, in one process at a time: `renew` gets the one that is kept by
   * then, and what it returns is kept before it is used.
   */
  readonly replaceCredential: (
    renew: (kept: Credential) => Promise<Credential>,
  ) => Promise<Credential>;
  readonly transport: Transport;
}

/** How a request leaves the program. */
export interface Transport {
  readonly fetch: Fetch;
  readonly now: () => Date;
  readonly deadline: (milliseconds: number) => AbortSignal;
  readonly interrupt: AbortSignal;
  /** Milliseconds that a request may take: until its reply is read, with all its repetitions. */
  readonly timeout: number;
  /** What all requests may take together; without it there is no such limit. */
  readonly budget?: TimeBudget | undefined;
  /** How often a request that failed in passing is sent again, if that is safe. */
  readonly retries: number;
  /**
   * Servers that asked to be left alone, by their origins, and until when, in milliseconds since
   * 1970: what one request was told is heeded by all.
   */
  readonly notBefore: Map<string, number>;
  readonly userAgent: string;
  /** Told of requests and replies, without bodies and with credentials masked. */
  readonly trace: (line: string) => void;
  /** Counts requests, so that what is traced of several at once can be told apart. */
  readonly nextRequestNumber: () => number;
  /**
   * Tells the person what the server, or the provider, wants known besides the result; `always`
   * also where only the result is wanted, because something may be lost.
   */
  readonly warn: (warning: { readonly text: string; readonly always?: boolean }) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly randomBytes: (size: number) => Uint8Array;
}
