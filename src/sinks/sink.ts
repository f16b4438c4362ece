import type { Secret } from "../core/secret.ts";
import type { Host } from "../host/host.ts";

/** A place that a secret can be sent to. */
export interface SecretSink {
  /** The file it writes, as an absolute path, and the variable in it, if it leaves the rest as it is. */
  readonly target?: { readonly path: string; readonly key?: string };
  /** How output and errors name the destination, if its argument may hold a secret. */
  readonly label?: string;
  /**
   * Opens the place and looks for all that would keep the secret from getting there, before there
   * is one. @throws UsageError (its message follows the place's name), the file system's own error,
   * InterruptedError
   */
  prepare(context: SinkContext): Promise<Delivery>;
}

/** An open place. */
export interface Delivery {
  /** Hands the secret over. @throws CliError (as above), or the file system's own error */
  deliver(secret: Secret): Promise<void>;
  /** Leaves the place as it was: instead of a delivery, or after one that failed. */
  discard(): Promise<void>;
}

/** What a sink may use of the world context. */
export interface SinkContext extends Pick<Host, "env" | "platform" | "randomBytes" | "pipe"> {
  /** What is there may be replaced. */
  readonly force: boolean;
  /** Has GitHub's runner hide the secret in its log, once for all. @throws CliError if it can't be told */
  readonly mask: (secret: Secret) => Promise<void>;
  /** Runs `work` on a file while no other process runs its own on it. */
  readonly alone: <T>(path: string, work: () => Promise<T>) => Promise<T>;
  /** Says why stdout, which the runner reads, takes nothing: see `Sink.findFault`. */
  readonly findStdoutFault: () => string | undefined;
}
