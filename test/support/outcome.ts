import type {
  Fetch,
  Host,
  InputStream,
  Keychain,
  OutputStream,
  Terminal,
} from "../../src/host/host.ts";

/** What a run printed, and its exit code. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | InputStream;
  readonly fetch?: Fetch;
  /**
   * Takes the place of `fetch` where the way through the network matters. With the real one
   * (`http/undici.ts`) a standalone program, if there is one to be tested, runs the line.
   */
  readonly createFetch?: Host["createFetch"];
  readonly lookup?: Host["lookup"];
  readonly runtime?: Partial<Host["runtime"]>;
  readonly process?: Host["process"];
  /** Whether a process is still running; none is. */
  readonly isRunning?: Host["isRunning"];
  readonly terminal?: Terminal;
  readonly openUrl?: Host["openUrl"];
  /** Told of every pause. */
  readonly sleep?: (milliseconds: number) => void;
  readonly every?: Host["every"];
  readonly interrupt?: AbortSignal;
  /** Shows a text in a pager; without it, no pager can be started. */
  readonly page?: Host["page"];
  readonly keychain?: Keychain;
  readonly deadline?: Host["deadline"];
  readonly stdout?: Partial<OutputStream>;
  readonly stderr?: Partial<OutputStream>;
}
