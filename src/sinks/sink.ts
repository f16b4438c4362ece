import type { Secret } from "../core/secret.ts";
import type { CliError } from "../errors.ts";
import type { Host } from "../host.ts";

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

/** An open destination. Call either `deliver` or `discard`; after a failed `deliver`, `discard`. */
export interface Delivery {
  /** Writes the secret. @throws CliError (its message follows the destination's name), or the file system's error */
  deliver(secret: Secret): Promise<void>;
  /** Restores the state before `prepare`. */
  discard(): Promise<void>;
}

/** The dependencies of a destination. */
export interface SinkContext extends Pick<Host, "env" | "platform" | "randomBytes" | "pipe"> {
  /** Whether existing files may be replaced. */
  readonly force: boolean;
  /**
   * Makes GitHub's runner mask the secret in its log. Has an effect once per run.
   * @throws CliError if stdout can't be written
   */
  readonly mask: (secret: Secret) => Promise<void>;
  /** Runs `work` on a file while no other tokctl process does; see config/lock.ts. */
  readonly withFileLock: <T>(path: string, work: () => Promise<T>) => Promise<T>;
  /** Returns the reason why stdout is not writable; see `OutputStream.findFault`. */
  readonly findStdoutFault: () => string | undefined;
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
  /** Delivers the secret to each destination in turn, even after a failure. */
  deliver(secret: Secret): Promise<readonly DeliveryResult[]>;
  /** Restores the state of every destination. */
  discard(): Promise<void>;
}
