import type { Readable, Writable } from "node:stream";

/** Everything outside the program: the one thing a test replaces. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Where questions can be asked: there when stdin and stderr are both a terminal. */
  readonly terminal: Terminal | undefined;
  /** `linux`, `darwin`, `win32`: where files are kept depends on it. */
  readonly platform: string;
  readonly fetch: Fetch;
  readonly now: () => Date;
  /** A signal that aborts with a TimeoutError after so many milliseconds. */
  readonly deadline: (milliseconds: number) => AbortSignal;
  /** Aborts on ^C and on a request to terminate, with the signal's name as its reason. */
  readonly interrupt: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
  readonly readFile: (path: string) => Source;
  readonly randomBytes: (size: number) => Uint8Array;
  /**
   * Runs a program on our own stdin, stdout and stderr, with this very program on its PATH as
   * `tokctl`, and passes signals on to it. Resolves to its exit code, 128+n if signal n ended it.
   */
  readonly run: (
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<number>;
}

export interface Source extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean | undefined;
}

export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Resolves once the text is handed over; rejects (EPIPE, ENOSPC) if it can't be. */
  write(text: string): Promise<void>;
}

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/** The part of fetch that tokctl uses: a Hono app's `request` fits it, and so does undici. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchReply>;

export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface FetchReply {
  readonly status: number;
  readonly headers: {
    get(name: string): string | null;
    forEach(visit: (value: string, name: string) => void): void;
  };
  readonly body: AsyncIterable<Uint8Array> | null;
}
