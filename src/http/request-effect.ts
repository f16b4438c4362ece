import type { ErrorCode } from "../errors.ts";

/**
 * The effect of a request other than GET, which decides the error if the response is lost. Retries
 * depend on the method only (RFC 9110 §9.2.2).
 */
export type RequestEffect =
  /**
   * A change that must not be sent twice, such as a create: a lost response is `outcome_unknown`.
   * The hint says how to find out whether the change was made.
   */
  | { readonly kind: "change"; readonly hint: string }
  /**
   * A request that the user can send again, such as a deletion or a sign-in: a lost response is a
   * `network` error. The hint replaces the general one.
   */
  | { readonly kind: "repeatable"; readonly hint?: string };

/** The effect of a GET, and of a request that was not sent or not processed. */
export const noEffect: RequestEffect = { kind: "repeatable" };

/** Returns `outcome_unknown` for a change; `otherwise` for a request that can be sent again. */
export const codeIfLost = ({ kind }: RequestEffect, otherwise: ErrorCode): ErrorCode =>
  kind === "change" ? "outcome_unknown" : otherwise;
