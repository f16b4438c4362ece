import { quoteWord } from "../../core/text.ts";
import { CliError, ConflictError, UnfinishedError } from "../../errors.ts";
import { latestDate } from "./lifetime.ts";
import type { CreateRequest } from "./tokens.ts";

/** A token that was deleted to be renewed: what it was, and whose. */
export interface LostToken {
  readonly token: CreateRequest;
  readonly owner: string | undefined;
  /** An attempt to create it again may have succeeded, with a secret that nobody knows. */
  readonly mayExist: boolean;
  readonly now: Date;
}

/** The error for a token that is deleted and not created again, with the command that restores it. */
export function lostError(casualty: LostToken, cause: CliError): CliError {
  const { owner, mayExist, now } = casualty;
  const { name, roles, description, expiresAt: previous } = casualty.token;
  const latest = latestDate(cause, now) ?? previous;
  const token = { ...casualty.token, expiresAt: previous < latest ? previous : latest };
  const had = [
    `the roles ${roles.join(", ")}`,
    `the expiry ${previous}`,
    ...(description === undefined ? [] : [`the description "${description}"`]),
  ].join(", ");
  const details = { requestId: cause.requestId, cause };
  if (!mayExist && cause.code === "conflict")
    return new ConflictError(
      `"${name}" was deleted to be renewed, and another client has created it since.`,
      {
        ...details,
        hint: [
          "Only that client has its secret. This makes another:",
          `tokctl token renew ${name}${userOption(owner)}`,
        ],
      },
    );
  return mayExist
    ? new CliError(
        "outcome_unknown",
        `"${name}" was deleted to be renewed and may have been created again, but its secret is lost. It had ${had}: ${cause.message}`,
        {
          ...details,
          hint: [
            `If tokctl token list${userOption(owner)} shows it, this makes a new secret:`,
            `tokctl token renew ${name}${userOption(owner)}`,
            "If not, this restores it:",
            restoreCommand(token, owner),
          ],
        },
      )
    : new UnfinishedError(
        "partial",
        `"${name}" was deleted to be renewed and could not be created again. It had ${had}: ${cause.message}`,
        {
          ...details,
          isTokenUnchanged: false,
          hint: [
            "tokctl recover restores it with another secret. So does this:",
            restoreCommand(token, owner),
          ],
        },
      );
}

/** The command line that creates a token as it was. */
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

export const userOption = (owner: string | undefined): string =>
  owner === undefined ? "" : ` -u ${owner}`;
