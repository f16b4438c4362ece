/** The exit code of each error code. */
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

/** The `code` of an error in JSON output. */
export type ErrorCode = keyof typeof exitCodes;
/** The exit code of the process; any number for commands that return their child's. */
export type ExitCode = number;

/** The parts of an error besides its code and message. */
export interface ErrorDetails {
  /** The next step for the user, in one or several lines. */
  readonly hint: string | readonly string[];
  /**
   * The message without what failed: the cause and the request. For the message of a larger operation that
   * says what failed itself.
   */
  readonly reason?: string | undefined;
  /** The error of each object of an operation on several, shown below the message. */
  readonly failures?: readonly string[] | undefined;
  /** The ID that the server gave the failed request, for support requests. */
  readonly requestId?: string | undefined;
  /** An unknown word of the command line, for a suggestion. */
  readonly unknownWord?: UnknownWord | undefined;
  /** Arguments that are missing at the end of the command line or before its `--`, for a suggestion. */
  readonly missingArgs?: readonly string[] | undefined;
  /** Whether the server may have made the requested change (default: for `outcome_unknown`). */
  readonly mayBeApplied?: boolean | undefined;
  readonly cause?: unknown;
}

/** An unknown word, and the valid ones. The most similar one is suggested. */
export interface UnknownWord {
  readonly word: string;
  readonly candidates: readonly string[];
  /** The candidates are derived from the word, so they are suggested however different they are. */
  readonly isDerived?: boolean;
  /** The words to suggest instead of some candidates, such as deprecated names. */
  readonly replacements?: ReadonlyMap<string, string>;
  /** A candidate may be several words of a command line. */
  readonly manyWords?: boolean;
}

/** An error for the user, with the cause, the affected object and a hint. Any other error is a bug. */
export class CliError extends Error {
  override name = "CliError";
  readonly code: ErrorCode;
  readonly hint: ErrorDetails["hint"];
  /** The message without what failed; the whole message if that has no such part. */
  readonly reason: string;
  readonly failures: readonly string[];
  readonly requestId: string | undefined;
  readonly unknownWord: ErrorDetails["unknownWord"];
  readonly missingArgs: ErrorDetails["missingArgs"];
  /** Whether the server may have made the requested change. */
  readonly mayBeApplied: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    const {
      hint,
      reason = message,
      failures = [],
      requestId,
      unknownWord,
      missingArgs,
      mayBeApplied,
      cause,
    } = details;
    super(message, { cause });
    this.code = code;
    this.hint = hint;
    this.reason = reason;
    this.failures = failures;
    this.requestId = requestId;
    this.unknownWord = unknownWord;
    this.missingArgs = missingArgs;
    this.mayBeApplied = mayBeApplied ?? code === "outcome_unknown";
  }

  get exitCode(): ExitCode {
    return exitCodes[this.code];
  }
}

/** An invalid invocation, or input that is rejected before a request is sent. */
export class UsageError extends CliError {
  override name = "UsageError";
  constructor(message: string, details: ErrorDetails) {
    super("usage", message, details);
  }
}

/** The named object does not exist. A missing user, project or path is a CliError `not_found` instead. */
export class NotFoundError extends CliError {
  override name = "NotFoundError";
  constructor(message: string, details: ErrorDetails) {
    super("not_found", message, details);
  }
}

/** The object exists already, or a reference matches several. */
export class ConflictError extends CliError {
  override name = "ConflictError";
  constructor(message: string, details: ErrorDetails) {
    super("conflict", message, details);
  }
}

/** There is no credential, or it was rejected. */
export class UnauthenticatedError extends CliError {
  override name = "UnauthenticatedError";
  constructor(message: string, details: ErrorDetails) {
    super("unauthenticated", message, details);
  }
}

/** The user or the system interrupted the run: ^C, a signal, or a canceled question. */
export class InterruptedError extends CliError {
  override name = "InterruptedError";
  /** @param interrupt the host's signal; its reason distinguishes ^C from a request to terminate. */
  constructor(message: string, interrupt: AbortSignal, details: Partial<ErrorDetails> = {}) {
    const isTermination = interrupt.reason === "SIGTERM" || interrupt.reason === "SIGHUP";
    const code = isTermination ? "terminated" : "interrupted";
    super(code, message, { hint: [], ...details });
  }
}

/** The user answered "no" to a question, or left it with ^C, before anything was changed. */
export class CanceledError extends InterruptedError {
  override name = "CanceledError";
  constructor(interrupt: AbortSignal) {
    super("Nothing was changed.", interrupt);
  }
}

/** Returns the message and the hint of an error, as lines of another error's hint. */
export const toHintLines = ({ message, hint = [], failures }: CliError): readonly string[] => [
  message,
  ...[...failures, ...[hint].flat()].map((line) => `  ${line}`),
];

/** Returns the `error` object of JSON and YAML output, on stderr and in the results of `delete`. */
export function toErrorData(error: CliError) {
  return {
    code: error.code,
    message: error.message,
    hint: [...error.failures, ...[error.hint].flat()].join("\n") || null,
    exitCode: error.exitCode,
    requestId: error.requestId ?? null,
  };
}

/**
 * A create or renew that failed with a known outcome, but needs a cleanup: its journal entry is kept
 * until `tokctl recover` finishes it.
 */
export class UnfinishedError extends CliError {
  override name = "UnfinishedError";
  /** Whether the token is unchanged, and only temporary tokens may be left. */
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
