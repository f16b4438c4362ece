import type { Readable, Writable } from "node:stream";

/** Everything outside the program: the one thing a test replaces. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Where questions can be asked: there when stdin and stderr are both a terminal. */
  readonly terminal: Terminal | undefined;
  /** `linux`, `darwin`, `win32`: where files are kept depends on it. */
  readonly platform: string;
  /** What runs the program. */
  readonly runtime: { readonly name: "Node" | "Bun"; readonly version: string };
  readonly process: ProcessIdentity;
  /** Whether a process of this machine is still running. */
  readonly isRunning: (process: Pick<ProcessIdentity, "id" | "begun">) => boolean;
  /** The addresses of a name, as connections look them up. @throws an error with the resolver's code. */
  readonly lookup: (hostname: string) => Promise<readonly string[]>;
  /** A fetch whose connections are made as the network asks for; nothing is loaded before its first call. */
  readonly createFetch: (network: Network) => Fetch;
  readonly now: () => Date;
  /** A signal that aborts with a TimeoutError after so many milliseconds. */
  readonly deadline: (milliseconds: number) => AbortSignal;
  /** Aborts on ^C and on a request to terminate, with the signal's name as its reason. */
  readonly interrupt: AbortSignal;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Calls again and again, until what it returns is called. The program does not stay for it. */
  readonly every: (milliseconds: number, call: () => void) => () => void;
  readonly readFile: (path: string) => InputStream;
  /** Where the operating system keeps secrets. Nothing is loaded or asked before it is called. */
  readonly keychain: Keychain;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Shows an http(s) address in the person's browser; false where none can be started. */
  readonly openUrl: (url: string) => Promise<boolean>;
  /** Answers the browser of this machine, on 127.0.0.1 and [::1] at a free port, until it is closed. */
  readonly serveLoopback: (answer: LoopbackHandler) => Promise<LoopbackServer>;
  /**
   * Runs a program on our own stdin, stdout and stderr, with this very program on its PATH as
   * `tokctl` and a fresh home, and passes signals on to it. Resolves to its exit code, 128+n if signal n ended it.
   */
  readonly run: (
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<number>;
  /**
   * Runs a line of shell on a text and waits until it has ended. It gets the environment without
   * the credentials of this program.
   * @throws InterruptedError if it was stopped, or not started any more.
   */
  readonly pipe: (line: string, input: string) => Promise<PipeResult>;
  /** Starts this very program once more in the background: nobody hears it or waits for it. */
  readonly spawnSelf: (args: readonly string[]) => Promise<void>;
}

/** Which process it is. */
export interface ProcessIdentity {
  readonly id: number;
  /** The name of what counts its processes: a machine, or a container. */
  readonly machine: string;
  /** When it began, in whatever the system counts by; absent where it does not say. */
  readonly begun?: string | undefined;
}

/** How a line of shell ended. */
export interface PipeResult {
  /** Its exit code, 128+n if signal n ended it. */
  readonly code: number;
  /** The last lines of what it wrote to stdout and stderr. */
  readonly output: string;
}

/** Our page for an address that a browser was sent to. */
export type LoopbackHandler = (url: URL) => { readonly status: number; readonly html: string };

export interface LoopbackServer {
  readonly port: number;
  close(): void;
}

export interface InputStream extends AsyncIterable<Uint8Array> {
  readonly isTTY?: boolean | undefined;
}

export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Resolves once the text is handed over; rejects (EPIPE, ENOSPC) if it can't be. */
  write(text: string): Promise<void>;
  /**
   * Says why nothing that is written would arrive, as far as that shows before it is written:
   * `closed`, `ENOSPC`. Undefined if nothing shows.
   */
  findFault?(): string | undefined;
}

export interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
  /** Stops the program as ^Z does; resolves when it is continued. */
  readonly suspend?: () => Promise<void>;
}

/**
 * Secrets of this program that the operating system keeps, each under the name of its entry. It may
 * ask the person before it answers, or never answer. All of it throws an Error that says why the
 * keychain can't be used, or the signal's reason once that aborts.
 */
export interface Keychain {
  /** Undefined if there is no such entry. */
  get(entry: string, signal: AbortSignal): Promise<string | undefined>;
  set(entry: string, secret: string, signal: AbortSignal): Promise<void>;
  /** False if there was no such entry. */
  delete(entry: string, signal: AbortSignal): Promise<boolean>;
}

/** What lies between here and a server that is not on this machine. */
export interface Network {
  readonly proxy?: ProxySettings | undefined;
  readonly tls?: Tls;
  /** Plain http may go to another machine: otherwise only to hosts with loopback addresses alone. */
  readonly allowHttp?: boolean | undefined;
  /** Told of each server that a TLS connection was made to, a proxy among them. */
  readonly seen?: (peer: Peer) => void;
}

/** Who is at the other end of a TLS connection. */
export interface Peer {
  /** `TLSv1.3` */
  readonly protocol: string;
  readonly issuer: string;
  /** When its certificate ends. */
  readonly validTo: Date;
}

export interface ProxySettings {
  /** As the person wrote it, credentials included: only its host may ever be shown. */
  readonly url: string;
  /** The variable that names it. */
  readonly variable: string;
  /** Hosts that are reached without it, in the form of NO_PROXY. */
  readonly exceptions: string;
}

/** Certificates and keys, in PEM, under the names that Node has for them. */
export interface Tls {
  /** The authorities to trust; without it, those that Node trusts. */
  readonly ca?: string[] | undefined;
  /**
   * Reads all authorities to trust, those in `ca` or Node's own among them; absent where there are
   * no others. Called only for a certificate whose issuer is not among those.
   */
  readonly readAllTrusted?: (() => Promise<string[]>) | undefined;
  /** What says who is calling; its key comes with it. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
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
