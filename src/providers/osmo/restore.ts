import { quoteWord } from "../../core/quoting.ts";
import { CliError, ConflictError, UnfinishedError } from "../../errors.ts";
import { latestDate } from "./lifetime.ts";
import type { CreateRequest } from "./tokens.ts";

/** A token that a renewal deleted and did not create again. */
export interface LostToken {
  /** The request that restores it. */
  readonly token: CreateRequest;
  readonly owner: string | undefined;
  /** Whether an attempt to create it may have succeeded; its secret is lost. */
  readonly mayExist: boolean;
  readonly now: Date;
}

/** Returns the error for a lost token. Its hint contains the command that restores the token. */
export function toLostTokenError(lost: LostToken, cause: CliError): CliError {
  const { owner, mayExist, now } = lost;
  const { name, roles, description, expiresAt: previous } = lost.token;
  const latest = latestDate(cause, now) ?? previous;
  const token = { ...lost.token, expiresAt: previous < latest ? previous : latest };
  const had = [
    `the roles ${roles.join(", ")}`,
    `the expiry ${previous}`,
    ...(description === undefined ? [] : [`the description "${description}"`]),
  ].join(", ");
  const details = { requestId: cause.requestId, cause };
  if (!mayExist && cause.code === "conflict")
    return new ConflictError(
      `Token "${name}" was deleted for the renewal, and then another client created a token of that name.`,
      {
        ...details,
        hint: [
          "Only that client has its secret. Create a new secret:",
          `tokctl token renew ${name}${userOption(owner)}`,
        ],
      },
    );
  return mayExist
    ? new CliError(
        "outcome_unknown",
        `Token "${name}" was deleted for the renewal and may have been created again, but its secret was lost. It had ${had}: ${cause.message}`,
        {
          ...details,
          hint: [
            `If tokctl token list${userOption(owner)} shows it, create a new secret:`,
            `tokctl token renew ${name}${userOption(owner)}`,
            "Otherwise, restore it:",
            restoreCommand(token, owner),
          ],
        },
      )
    : new UnfinishedError(
        "partial",
        `Token "${name}" was deleted for the renewal and could not be created again. It had ${had}: ${cause.message}`,
        {
          ...details,
          isTokenUnchanged: false,
          hint: [
            "Restore it with a new secret with tokctl recover, or:",
            restoreCommand(token, owner),
          ],
        },
      );
}

/** Returns the command that creates the token with its previous values. */
export const restoreCommand = (
  { name, expiresAt, description, roles }: CreateRequest,
  owner: string | undefined,
): string =>
  [
    `tokctl token create ${name} -e ${expiresAt}`,
    ...roles.map((role) => ` -r ${quoteWord(role)}`),
    ...(description === undefined ? [] : [` -d ${quoteWord(description)}`]),
    userOption(owner),
  ].join("");

/**
 * Returns the option that specifies the owner, with a leading space; "" for the caller's own
 * tokens.
 */
export const userOption = (owner: string | undefined): string =>
  owner === undefined ? "" : ` -u ${owner}`;
