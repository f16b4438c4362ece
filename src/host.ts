import type { Readable, Writable } from "node:stream";

/** The operating system as the program uses it; tests replace it. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** The terminal for prompts; undefined unless stdin and stderr are both a terminal. */
  readonly terminal: Terminal | undefined;
  /** `linux`, `darwin` or `win32`, as `process.platform`; it determines the default directories. */
  readonly platform: string;
  /** The JavaScript runtime. */
  readonly runtime: { readonly name: "Node" | "Bun"; readonly version: string };
  readonly process: ProcessIdentity;
  /** Whether a process on this machine is still running. */
  readonly isRunning: (process: Pick<ProcessIdentity, "id" | "startTime">) => boolean;
  /** Resolves a host name to its IP addresses. @throws an error with a DNS code such as ENOTFOUND */
  readonly lookup: (hostname: string) => Promise<readonly string[]>;
  /** Creates a fetch with these network settings; the HTTP client is loaded on its first call. */
  readonly createFetch: (network: Network) => Fetch;
  readonly now: () => Date;
  /** Returns a signal that aborts with a TimeoutError after a number of milliseconds. */
  readonly deadline: (milliseconds: number) => AbortSignal;
  /** Aborts on SIGINT, SIGTERM and SIGHUP; the reason is the name of the signal. */
  readonly interrupt: AbortSignal;
  /**
   * Keeps further SIGINT, SIGTERM and SIGHUP from ending the process, for work that must be completed.
   * @returns a function that ends that.
   */
  readonly holdSignals: () => () => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Calls a function at an interval until the returned function is called; does not keep the process running. */
  readonly every: (milliseconds: number, call: () => void) => () => void;
  readonly readFile: (path: string) => InputStream;
  /** The keychain of the operating system; loaded on its first call. */
  readonly keychain: Keychain;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Opens an http(s) URL in the browser. Resolves to false if no browser can be started. */
  readonly openUrl: (url: string) => Promise<boolean>;
  /** Serves pages on 127.0.0.1 and [::1] at a free port until it is closed. */
  readonly serveLoopback: (answer: LoopbackHandler) => Promise<LoopbackServer>;
  /** Whether a program exists, by its path or on the PATH; true if that can't be determined. */
  readonly hasProgram: (command: string) => boolean;
  /**
   * Runs a program with the stdin, stdout and stderr of this process, and forwards signals to it.
   * @returns its exit code, or 128+n if signal n ended it.
   * @throws UsageError if it can't be started.
   */
  readonly run: (
    command: string,
    args: readonly string[],
    options: ChildOptions,
  ) => Promise<number>;
  /**
   * Runs a shell command with a text on its stdin. Its environment has no credentials of tokctl.
   * @param variables further environment variables.
   * @throws InterruptedError if the command was interrupted.
   */
  readonly pipe: (
    line: string,
    input: string,
    variables?: Readonly<Record<string, string>>,
  ) => Promise<PipeResult>;
  /**
   * Runs a program, without a shell, with a text on its stdin. Its environment has no credentials of
   * tokctl.
   * @throws InterruptedError if the program was interrupted; the system's error, such as ENOENT, if it
   * can't be started.
   */
  readonly exec: (
    command: readonly [program: string, ...args: string[]],
    input: string,
  ) => Promise<ExecResult>;
  /**
   * Shows a text in a pager, a shell command that reads it from stdin. Resolves when the user quits it.
   * @returns false if the pager can't be started.
   */
  readonly page: (command: string, text: Iterable<string>) => Promise<boolean>;
  /** Starts this program as a detached background process without output. */
  readonly spawnSelf: (args: readonly string[]) => Promise<void>;
}

/** The surroundings of a child process. */
export interface ChildOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * Writes files to the configuration directory of the child. If it is set, the child gets a new home
   * directory, and this version of `tokctl` on its PATH.
   */
  readonly prepareHome?: (configDirectory: string) => Promise<void>;
}

/** Identifies a process, so that a process ID that was reused is not mistaken for it. */
export interface ProcessIdentity {
  readonly id: number;
  /** The machine or container that the process ID belongs to. */
  readonly machine: string;
  /** The start time in units of the operating system; absent if it is unknown. */
  readonly startTime?: string | undefined;
}

/** The result of a program. */
export interface ExecResult {
  /** The exit code, or 128+n if signal n ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The result of a shell command. */
export interface PipeResult {
  /** The exit code, or 128+n if signal n ended it. */
  readonly code: number;
  /** The last lines of its stdout and stderr. */
  readonly output: string;
}

/** Returns the page for a URL that the browser requests. */
export type LoopbackHandler = (url: URL) => { readonly status: number; readonly html: string };

/** A running server for the browser of this machine. */
export interface LoopbackServer {
  readonly port: number;
  close(): void;
}

/** A stream of bytes, such as stdin or a file. Iterating it throws the system's error. */
export interface InputStream extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean | undefined;
}

/** stdout or stderr. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Writes a text. @throws an error with a code such as EPIPE or ENOSPC */
  write(text: string): Promise<void>;
  /**
   * Checks before a write whether it would fail.
   * @returns `closed` or `ENOSPC`; undefined if no fault is found.
   */
  findFault?(): string | undefined;
}

/** A terminal for questions. */
export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  /** Suspends the process like ^Z; resolves when it continues. */
  readonly suspend?: () => Promise<void>;
}

/**
 * The secrets of tokctl in the keychain of the operating system, by entry name. The keychain can
 * show a dialog, or hang. Every method throws an Error if the keychain can't be used, and the reason
 * of the signal when it aborts.
 */
export interface Keychain {
  /** Returns the secret; undefined if the entry does not exist. */
  get(entry: string, signal: AbortSignal): Promise<string | undefined>;
  set(entry: string, secret: string, signal: AbortSignal): Promise<void>;
  /** Returns false if the entry does not exist. */
  delete(entry: string, signal: AbortSignal): Promise<boolean>;
}

/** The network settings of a target. */
export interface Network {
  readonly proxy?: ProxySettings | undefined;
  readonly tls?: Tls;
  /** Allow unencrypted HTTP to hosts with addresses other than loopback addresses. */
  readonly allowHttp?: boolean | undefined;
  /** Called for each TLS connection to a server or a proxy. */
  readonly seen?: (peer: Peer) => void;
}

/** The server of a TLS connection. */
export interface Peer {
  /** `TLSv1.3` */
  readonly protocol: string;
  readonly issuer: string;
  /** The end of the validity of its certificate. */
  readonly validTo: Date;
}

/** The proxy to connect through. */
export interface ProxySettings {
  /** The configured URL. It can contain credentials: print only its host. */
  readonly url: string;
  /** The environment variable that sets it. */
  readonly variable: string;
  /** Hosts to connect to without the proxy, in the format of NO_PROXY. */
  readonly noProxy: string;
}

/** Certificates and keys in PEM format, named as in Node's `tls.connect()`. */
export interface Tls {
  /** The trusted CA certificates (default: those of Node). */
  readonly ca?: string[] | undefined;
  /**
   * Reads all trusted CA certificates, including `ca` or those of Node; absent if there are no
   * others. Called only after a certificate was rejected because its issuer is unknown.
   */
  readonly readAllTrusted?: (() => Promise<string[]>) | undefined;
  /** The client certificate; requires `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** The part of the Fetch API that tokctl uses; undici and Hono's `app.request` implement it. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchReply>;

/** A request for `Fetch`. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

/** A response of `Fetch`. */
export interface FetchReply {
  readonly status: number;
  readonly headers: {
    get(name: string): string | null;
    forEach(visit: (value: string, name: string) => void): void;
  };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/**
 * Returns whether the program runs in a CI system, which has no user to answer prompts. CI systems set
 * `CI` to `true` or `1`; another value may be a secret that a user named CI.
 */
export const isCi = ({ CI = "" }: Host["env"]): boolean => /^(?:true|1)$/i.test(CI);
