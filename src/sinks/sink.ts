import type { Secret } from "../core/secret.ts";
import type { IssuedToken } from "../core/token.ts";
import type { CliError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { TokenRecord } from "./token-record.ts";

/** A destination of `--to`. */
export interface SecretSink {
  /** The absolute path of the file. With `key`, only this variable of the file is changed. */
  readonly target?: { readonly path: string; readonly key?: string };
  /** The name in output and errors, if the argument may contain a secret. */
  readonly label?: string;
  /**
   * Opens the destination before the token is created, and checks that writing can succeed.
   * @throws UsageError (its message follows the destination's name), the file system's error, or
   * InterruptedError.
   */
  prepare(context: SinkContext): Promise<Delivery>;
}

/** A destination that records the ID of the token beside the secret. */
export interface RecordingSink extends SecretSink {
  /**
   * Returns the record of the token, without reading its secret; undefined if there is none.
   * @throws as `prepare` does
   */
  recordedToken(context: SinkContext): Promise<TokenRecord | undefined>;
}

/** An open destination. Call either `deliver` or `discard`; after a failed `deliver`, `discard`. */
export interface Delivery {
  /**
   * Writes the secret. A destination that records the token writes `record` in the same step, or with
   * `deliverWithRecord`.
   * @throws CliError (its message follows the destination's name), or the file system's error
   */
  deliver(secret: Secret, record: TokenRecord): Promise<void>;
  /** Restores the state before `prepare`. */
  discard(): Promise<void>;
}

/** The dependencies of a destination. */
export interface SinkContext
  extends Pick<Host, "env" | "platform" | "randomBytes" | "pipe" | "exec" | "stdout"> {
  /** Whether existing files may be replaced. */
  readonly force: boolean;
  /**
   * Makes GitHub's runner mask the secret in its log. Has an effect once per run.
   * @throws CliError if stdout can't be written
   */
  readonly mask: (secret: Secret) => Promise<void>;
  /** Runs `work` on a file while no other tokctl process does; see config/lock.ts. */
  readonly withFileLock: <T>(path: string, work: () => Promise<T>) => Promise<T>;
}

/** The result of one destination. */
export interface DeliveryResult {
  /** The destination as on the command line. For `command:`, only the name of the program. */
  readonly to: string;
  /** Undefined if the secret was delivered. */
  readonly error?: CliError;
}

/** Open destinations. Call either method once. */
export interface Deliveries {
  /**
   * Delivers the secret to each destination in turn, even after a failure.
   * @param replacedIds see `TokenRecord`.
   */
  deliver(issued: IssuedToken, replacedIds?: readonly string[]): Promise<readonly DeliveryResult[]>;
  /** Restores the state of every destination. */
  discard(): Promise<void>;
}

/** The record of one destination. */
export interface DestinationRecord {
  /** The destination, as in `DeliveryResult`. */
  readonly to: string;
  /** Whether destinations of this kind record a token. */
  readonly canRecord: boolean;
  /** Undefined if the destination has no record. */
  readonly record: TokenRecord | undefined;
}
