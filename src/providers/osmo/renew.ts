import { toDate } from "../../core/expiry.ts";
import type { RenewChanges } from "../../core/provider.ts";
import type { IssuedToken, Token } from "../../core/token.ts";
import { CliError, type ErrorCode, InterruptedError, UsageError } from "../../errors.ts";
import { type Issuing, issueToken } from "./issue.ts";
import { toEnding } from "./lifetime.ts";
import { lostError, restoreCommand, userOption } from "./restore.ts";
import type { CreateRequest, TokenEndpoints } from "./tokens.ts";

/** How long to wait before creating once more, in milliseconds. */
const pauses = [500, 2000];

export interface Renewal extends Issuing {
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Heeded until the token is deleted, and not after. */
  readonly interrupt: AbortSignal;
  /** The roles that the caller can hand on; undefined where nobody says. */
  readonly availableRoles: () => Promise<readonly string[] | undefined>;
}

/**
 * Renews a token at a service that can't: deletes it and creates it again under its name, with its
 * roles, description and expiry. Whatever would make the creation fail is looked for first, for
 * after the deletion the token is gone.
 * @throws UsageError with nothing changed; the deletion's own error if the token is still there;
 * CliError `outcome_unknown` if it is lost, with the command that restores it.
 */
export async function renewToken(
  renewal: Renewal,
  token: Token,
  changes: RenewChanges,
): Promise<IssuedToken> {
  const request = await plan(renewal, token, changes);
  const previous = asItWas(token, request);
  if (renewal.interrupt.aborted)
    throw new InterruptedError("Stopped before anything was changed.", renewal.interrupt);
  await remove(renewal, previous);
  return await recreate(renewal, request, previous);
}

/** What restores the token: all that was good of it, and of the rest what was asked for. */
const asItWas = (token: Token, request: CreateRequest): CreateRequest => ({
  ...request,
  ...(token.roles.length > 0 && { roles: token.roles }),
  ...(token.status === "active" &&
    token.expiresAt !== null && { expiresAt: toDate(new Date(token.expiresAt)) }),
});

async function plan(
  { now, availableRoles }: Renewal,
  token: Token,
  changes: RenewChanges,
): Promise<CreateRequest> {
  const name = token.id;
  const expiresAt = changes.expiry
    ? toEnding(changes.expiry, now()).date
    : token.status === "active" && token.expiresAt && toDate(new Date(token.expiresAt));
  if (!expiresAt)
    throw new UsageError(`"${name}" has expired: renewing it needs another expiry.`, {
      hint: `tokctl token renew ${name} -e 31d`,
    });
  const roles = changes.roles ?? token.roles;
  if (roles.length === 0)
    throw new UsageError(
      `"${name}" has no roles left: renewed as it is, it would get all of the user's.`,
      {
        hint: `Say which: tokctl token renew ${name} -r ROLE`,
      },
    );
  const available = changes.roles && (await availableRoles());
  const missing = roles.filter((role) => available && !available.includes(role));
  if (missing.length > 0)
    throw new CliError(
      "forbidden",
      `The roles ${missing.join(", ")} are not yours to give to "${name}".`,
      { hint: `Yours are ${available?.join(", ")}.` },
    );
  const description = token.description ?? undefined;
  return { name, expiresAt, description, roles };
}

async function remove({ endpoints, owner }: Renewal, token: CreateRequest): Promise<void> {
  const { name } = token;
  try {
    await endpoints.delete(name);
  } catch (error) {
    if (!(error instanceof CliError) || !passing.includes(error.code)) throw error;
    const left = await endpoints.list().catch(() => undefined);
    if (left?.some((each) => each.name === name)) throw error;
    if (!left)
      throw new CliError(
        "outcome_unknown",
        `"${name}" may have been deleted, and was not created again: ${error.message}`,
        {
          hint: [
            `See with tokctl token list${userOption(owner)}. If it is gone, this restores it:`,
            restoreCommand(token, owner),
          ],
          cause: error,
        },
      );
  }
}

/** Tries more than once, for nothing of the token is left to go back to. */
async function recreate(
  renewal: Renewal,
  request: CreateRequest,
  previous: CreateRequest,
  [pause, ...later]: readonly number[] = pauses,
  mayExist = false,
): Promise<IssuedToken> {
  const { endpoints, owner, sleep } = renewal;
  try {
    if (mayExist) await dropUnknown(endpoints, request.name);
    return await issueToken(renewal, request);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const unknown = mayExist || ambiguous.includes(error.code);
    const again = passing.includes(error.code) || (unknown && error.code === "conflict");
    if (again && pause !== undefined) {
      await sleep(pause);
      return recreate(renewal, request, previous, later, unknown);
    }
    const isLeft = unknown && (await fails(dropUnknown(endpoints, request.name)));
    throw lostError({ token: previous, owner, mayExist: isLeft }, error);
  }
}

const fails = (attempt: Promise<void>): Promise<boolean> =>
  attempt.then(
    () => false,
    () => true,
  );

/** An attempt whose answer was lost may have created the token, with a secret that nobody knows. */
async function dropUnknown(endpoints: TokenEndpoints, name: string): Promise<void> {
  const tokens = await endpoints.list();
  if (tokens.some((token) => token.name === name)) await endpoints.delete(name);
}

/** Codes of failures after which something may have been done all the same. */
const ambiguous: readonly ErrorCode[] = ["outcome_unknown", "server_error"];

/** Codes of failures that another attempt may not meet. */
const passing: readonly ErrorCode[] = [...ambiguous, "network", "rate_limited"];
