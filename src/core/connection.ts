import type { Fetch } from "../host.ts";
import type { Credential } from "./credential.ts";
import type { TimeBudget } from "./time-budget.ts";

/** A part of an account that contains tokens: an OVHcloud project, or an ML Serving namespace in it. */
export type ProjectRef = "project" | "namespace";

/** The API of a provider that requests go to: its base URL, the part of the account, and the credential. */
export interface Connection {
  readonly url: URL;
  /** The project and the namespace, as far as the provider requires them. */
  readonly projectRefs: Readonly<Partial<Record<ProjectRef, string>>>;
  /** The region of the tokens, if one base URL has tokens of several regions. */
  readonly region: string | undefined;
  readonly credential: Credential;
  /**
   * Replaces the stored credential, in one process at a time. `renew` receives the currently stored
   * credential. Its result is stored before it is returned.
   */
  readonly replaceCredential: (
    renew: (kept: Credential) => Promise<Credential>,
  ) => Promise<Credential>;
  readonly transport: Transport;
}

/** The settings and functions that sending a request needs. */
export interface Transport {
  readonly fetch: Fetch;
  readonly now: () => Date;
  readonly deadline: (milliseconds: number) => AbortSignal;
  readonly interrupt: AbortSignal;
  /** Milliseconds for one request, including retries, until its response is read. */
  readonly timeout: number;
  /** The time for all requests together. Default: no limit. */
  readonly budget?: TimeBudget | undefined;
  /** The number of retries of a request after a transient failure, if a retry is safe. */
  readonly retries: number;
  /**
   * The time until which no request is sent to an origin, in milliseconds since 1970, from the
   * `Retry-After` header of an earlier response.
   */
  readonly notBefore: Map<string, number>;
  readonly userAgent: string;
  /** Logs a request or response, without its body and with credentials masked. */
  readonly trace: (line: string) => void;
  /** Returns the number of a request, which distinguishes concurrent ones in the log. */
  readonly nextRequestNumber: () => number;
  /** Prints a warning of the server or the provider; with `always`, also if `--quiet` is set. */
  readonly warn: (warning: { readonly text: string; readonly always?: boolean }) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly randomBytes: (size: number) => Uint8Array;
}
