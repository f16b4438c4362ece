import { CliError, type ErrorCode, type ErrorDetails } from "../errors.ts";

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
