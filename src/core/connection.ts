import { UsageError } from "../errors.ts";
import type { Fetch, Host } from "../host.ts";
import type { Credential } from "./credential.ts";

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

/**
 * The time for all requests of a command together, in milliseconds. Only the time in `spend()` counts,
 * so the user has unlimited time to answer questions.
 */
export interface TimeBudget {
  /** Returns the remaining time, at least 0. */
  remaining(): number;
  /** Runs `work` and counts its time. Concurrent work counts once. */
  spend<T>(work: () => Promise<T>): Promise<T>;
  /** Raises the remaining time to the reserve, for work that must be completed. */
  ensure(): void;
}

/**
 * Creates a time budget.
 * @param total milliseconds.
 * @param reserve the remaining milliseconds after `ensure()`.
 */
export function createTimeBudget(now: () => Date, total: number, reserve: number): TimeBudget {
  let left = total;
  let running = 0;
  let since = 0;
  const remaining = () =>
    Math.max(0, left - (running > 0 ? Math.max(0, now().getTime() - since) : 0));
  return {
    remaining,
    async spend(work) {
      if (running === 0) since = now().getTime();
      running++;
      try {
        return await work();
      } finally {
        if (running === 1) left = remaining();
        running--;
      }
    },
    ensure() {
      left += Math.max(0, reserve - remaining());
    },
  };
}

/** The default number of retries of a request after a transient failure. */
export const defaultRetries = 3;

/** Parses a number of retries from 0 to 20; undefined for anything else. */
export const parseRetries = (text: string): number | undefined =>
  /^\d{1,2}$/.test(text) && Number(text) <= 20 ? Number(text) : undefined;

/** The number of retries, not yet parsed, and its source. */
export interface RetriesSetting {
  readonly text: string;
  readonly source: "flag" | "environment" | "default";
}

/** Returns the setting of the option, else of TOKCTL_RETRIES, else the default. */
export function findRetries(
  flag: number | undefined,
  { TOKCTL_RETRIES: text }: Host["env"],
): RetriesSetting {
  if (flag !== undefined) return { text: String(flag), source: "flag" };
  return text ? { text, source: "environment" } : { text: `${defaultRetries}`, source: "default" };
}

/** Parses the setting. @throws UsageError for an invalid TOKCTL_RETRIES */
export function parseRetriesSetting({ text }: RetriesSetting): number {
  const value = parseRetries(text);
  if (value === undefined)
    throw new UsageError(`TOKCTL_RETRIES is "${text}", which is not a number from 0 to 20.`, {
      hint: "0 disables retries. Unset it for the default, 3.",
    });
  return value;
}
