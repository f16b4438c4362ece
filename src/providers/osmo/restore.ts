import { CliError } from "../../errors.ts";
import type { CreateRequest } from "./tokens.ts";

/** A token that was deleted to be renewed: what it was, and whose. */
export interface Casualty {
  readonly token: CreateRequest;
  readonly owner: string | undefined;
  /** An attempt to create it again may have succeeded, with a secret that nobody knows. */
  readonly mayExist: boolean;
}

/** Says precisely what is lost, and how to get it back. */
export function lostError(casualty: Casualty, cause: CliError): CliError {
  const { token, owner, mayExist } = casualty;
  const { name, roles, expiresAt, description } = token;
  const had = [
    `the roles ${roles.join(", ")}`,
    `the expiry ${expiresAt}`,
    ...(description === undefined ? [] : [`the description "${description}"`]),
  ].join(", ");
  return new CliError(
    "outcome_unknown",
    mayExist
      ? `"${name}" was deleted to be renewed and may have been created again, but its secret is lost. It had ${had}: ${cause.message}`
      : `"${name}" was deleted to be renewed and could not be created again, so it is lost with ${had}: ${cause.message}`,
    {
      hint: mayExist
        ? [
            `If tokctl token list${userOption(owner)} shows it, this makes a new secret:`,
            `tokctl token renew ${name}${userOption(owner)}`,
            "If not, this restores it:",
            restoreCommand(token, owner),
          ]
        : ["This restores it:", restoreCommand(token, owner)],
      requestId: cause.requestId,
      cause,
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
    ...roles.map((role) => ` -r ${quote(role)}`),
    ...(description === undefined ? [] : [` -d ${quote(description)}`]),
    userOption(owner),
  ].join("");

export const userOption = (owner: string | undefined): string =>
  owner === undefined ? "" : ` -u ${owner}`;

/** A word for a POSIX shell; what a terminal shows as an escape is written as one, in `$'…'`. */
function quote(word: string): string {
  if (/^[\w.@:/+-]+$/.test(word)) return word;
  if (!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word.replace(/[\\'\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return `$'${escaped}'`;
}
