import type { Fetch, Host, InputStream, Keychain, OutputStream, Terminal } from "../../src/host.ts";

/** Output and exit code of a run. */
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
   * Replaces `fetch` in tests of the network. With the real one (`http/transport/undici.ts`), a
   * standalone program runs the command line if one is being tested.
   */
  readonly createFetch?: Host["createFetch"];
  readonly lookup?: Host["lookup"];
  readonly runtime?: Partial<Host["runtime"]>;
  readonly process?: Host["process"];
  /** Returns whether a process is running (default: false). */
  readonly isRunning?: Host["isRunning"];
  readonly terminal?: Terminal;
  readonly openUrl?: Host["openUrl"];
  /** Returns whether a program exists (default: true). */
  readonly hasProgram?: Host["hasProgram"];
  /** Called for every pause. */
  readonly sleep?: (milliseconds: number) => void;
  readonly every?: Host["every"];
  /** Runs the program of `sandbox exec` or `token run` (default: exit code 0). */
  readonly runProgram?: Host["run"];
  /** Runs the programs of destinations (default: as a child process). */
  readonly exec?: Host["exec"];
  readonly interrupt?: AbortSignal;
  /** Shows a text in a pager. If undefined, no pager can be started. */
  readonly page?: Host["page"];
  readonly keychain?: Keychain;
  readonly deadline?: Host["deadline"];
  readonly stdout?: Partial<OutputStream>;
  readonly stderr?: Partial<OutputStream>;
}
