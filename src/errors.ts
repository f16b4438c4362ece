/** Every way a run can fail, and the exit code that scripts see for it. */
export const exitCodes = {
  unexpected: 1,
  usage: 2,
  not_found: 3,
  unauthenticated: 4,
  forbidden: 5,
  conflict: 6,
  rate_limited: 7,
  network: 8,
  partial: 9,
  outcome_unknown: 10,
  expiring: 11,
  server_error: 12,
  interrupted: 130,
  terminated: 143,
} as const;

export type ErrorCode = keyof typeof exitCodes;
/** A process exit code. `sandbox exec` passes on its child's, which may be any number. */
export type ExitCode = number;

export interface ErrorDetails {
  /** What the person who reads the message can do next, in a line or several. */
  readonly hint: string | readonly string[];
  /** The server's name for the failed request, for its support. */
  readonly requestId?: string | undefined;
  /** What was typed that is not known, and what is: the likeliest of it is suggested. */
  readonly unknownWord?: UnknownWord | undefined;
  /** Words that are missing at the end of the command line: it is shown with them. */
  readonly missingArgs?: readonly string[] | undefined;
  readonly cause?: unknown;
}

export interface UnknownWord {
  readonly word: string;
  readonly candidates: readonly string[];
  /** Each of what is known was made from the word itself, and is suggested however different it is. */
  readonly isDerived?: boolean;
  /** What is to stand in the place of some of what is known, such as of old spellings. */
  readonly replacements?: ReadonlyMap<string, string>;
  /** What is known may be several words of a command line. */
  readonly manyWords?: boolean;
}

/** An error meant for the person at the command line: what happened, to what, and what to do. */
export class CliError extends Error {
  override name = "CliError";
  readonly code: ErrorCode;
  readonly hint: ErrorDetails["hint"];
  readonly requestId: string | undefined;
  readonly unknownWord: ErrorDetails["unknownWord"];
  readonly missingArgs: ErrorDetails["missingArgs"];

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    const { hint, requestId, unknownWord, missingArgs, cause } = details;
    super(message, { cause });
    this.code = code;
    this.hint = hint;
    this.requestId = requestId;
    this.unknownWord = unknownWord;
    this.missingArgs = missingArgs;
  }

  get exitCode(): ExitCode {
    return exitCodes[this.code];
  }
}

/** A wrong invocation, or input that is refused before anything is sent. */
export class UsageError extends CliError {
  override name = "UsageError";
  constructor(message: string, details: ErrorDetails) {
    super("usage", message, details);
  }
}

/** The very thing that was named is not there; not its user, project or address. */
export class NotFoundError extends CliError {
  override name = "NotFoundError";
  constructor(message: string, details: ErrorDetails) {
    super("not_found", message, details);
  }
}

/** It exists already, or a reference fits several. */
export class ConflictError extends CliError {
  override name = "ConflictError";
  constructor(message: string, details: ErrorDetails) {
    super("conflict", message, details);
  }
}

/** There is no credential, or it was refused. */
export class UnauthenticatedError extends CliError {
  override name = "UnauthenticatedError";
  constructor(message: string, details: ErrorDetails) {
    super("unauthenticated", message, details);
  }
}

/** The person or the system stopped the run: ^C, a signal, or "no" to a question. */
export class InterruptedError extends CliError {
  override name = "InterruptedError";
  /** `interrupt` is the host's signal; its reason tells a request to terminate from ^C. */
  constructor(message: string, interrupt: AbortSignal, details: Partial<ErrorDetails> = {}) {
    const isAsked = interrupt.reason === "SIGTERM" || interrupt.reason === "SIGHUP";
    const code = isAsked ? "terminated" : "interrupted";
    super(code, message, { hint: [], ...details });
  }
}

/**
 * A create or renew that failed with a known outcome, but needs a cleanup: its journal entry is kept
 * until `tokctl recover` finishes it.
 */
export class UnfinishedError extends CliError {
  override name = "UnfinishedError";
  /** The token was not changed, and only temporary tokens may be left. */
  readonly isTokenUnchanged: boolean;
  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails & { readonly isTokenUnchanged: boolean },
  ) {
    super(code, message, details);
    this.isTokenUnchanged = details.isTokenUnchanged;
  }
}

/** What an error says and advises, as lines of another's hint. */
export const toHintLines = ({ message, hint = [] }: CliError): readonly string[] => [
  message,
  ...[hint].flat().map((line) => `  ${line}`),
];

/** The `error` object that json and yaml output puts on stderr, and that `delete` keeps per token. */
export function toErrorData(error: CliError) {
  return {
    code: error.code,
    message: error.message,
    hint: [error.hint].flat().join("\n") || null,
    exitCode: error.exitCode,
    requestId: error.requestId ?? null,
  };
}

/**
 * The error for a current directory that is gone, which Node asks for wherever a path is relative;
 * undefined for any other error.
 */
export const toLostDirectory = (thrown: unknown): UsageError | undefined =>
  thrown instanceof Error && "syscall" in thrown && thrown.syscall === "uv_cwd"
    ? new UsageError("The current directory can't be found: it was deleted, or moved.", {
        hint: "Change to a directory that exists: cd",
      })
    : undefined;

/** Returns the code of a system error, such as `ENOENT`; "" for any other value. */
export const systemCodeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";
