import type { Transport } from "../../core/connection.ts";
import { toDate } from "../../core/expiry.ts";
import type { IssuedToken, Token } from "../../core/token.ts";
import type { RenewChanges } from "../../core/token-provider.ts";
import { CliError, type ErrorCode, InterruptedError, UsageError } from "../../errors.ts";
import { type Ending, toEnding } from "./lifetime.ts";
import { type Probing, probe } from "./probe.ts";
import { lostError, restoreCommand, userOption } from "./restore.ts";
import { type CreateRequest, type Issuing, issueToken, type TokenEndpoints } from "./tokens.ts";

/** How long to wait before creating once more, in milliseconds. */
const pauses = [500, 2000];

export interface Renewal extends Issuing {
  readonly probing: Probing;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** What all requests may take together. */
  readonly budget: Transport["budget"];
  /** Heeded until the token is deleted, and not after. */
  readonly interrupt: AbortSignal;
}

/**
 * Renews a token at a service that can't: deletes it and creates it again under its name, with its
 * roles, description and expiry. That the service would create such a token is tried first, under
 * another name, for after the deletion the token is gone.
 * @throws CliError with the token unchanged; UnfinishedError `partial` if it is deleted and not
 * created again, CliError `outcome_unknown` if it may be, each with the command that restores it.
 */
export async function renewByReplacement(
  renewal: Renewal,
  token: Token,
  changes: RenewChanges,
): Promise<IssuedToken> {
  const { interrupt, now, warn } = renewal;
  const { ending, ...planned } = plan(now(), token, changes);
  stopIfAborted(interrupt);
  const expiresAt = await probe(renewal.probing, ending, planned);
  const request = { ...planned, expiresAt };
  const previous = asItWas(token, request);
  if (changes.expiry === undefined && expiresAt !== ending.date)
    warn({
      text: `warning: The token expires on ${expiresAt}, the latest date that this service allows.`,
      always: true,
    });
  stopIfAborted(interrupt);
  await remove(renewal, previous);
  // The token is gone: --timeout must not keep it from being created again.
  renewal.budget?.ensure();
  return await recreate(renewal, request, previous);
}

function stopIfAborted(interrupt: AbortSignal): void {
  if (interrupt.aborted)
    throw new InterruptedError("Stopped before anything was changed.", interrupt);
}

/** What restores the token: its own values where the service accepts them, else what was asked for. */
function asItWas(token: Token, request: CreateRequest): CreateRequest {
  const date = token.status === "active" && token.expiresAt && toDate(new Date(token.expiresAt));
  return {
    ...request,
    ...(token.roles.length > 0 && { roles: token.roles }),
    ...(date && date < request.expiresAt && { expiresAt: date }),
  };
}

/** A token as it is to be created. */
interface Plan extends Omit<CreateRequest, "expiresAt"> {
  readonly ending: Ending;
}

function plan(now: Date, token: Token, changes: RenewChanges): Plan {
  const name = token.id;
  const date = token.status === "active" && token.expiresAt && toDate(new Date(token.expiresAt));
  const ending = changes.expiry
    ? toEnding(changes.expiry, now)
    : date && { date, asked: undefined };
  if (!ending)
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
  const description = token.description ?? undefined;
  return { name, ending, description, roles };
}

async function remove({ endpoints, owner, budget }: Renewal, token: CreateRequest): Promise<void> {
  const { name } = token;
  try {
    await endpoints.delete(name);
  } catch (error) {
    if (!(error instanceof CliError) || !passing.includes(error.code)) throw error;
    budget?.ensure();
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
    throw lostError({ token: previous, owner, mayExist: isLeft, now: renewal.now() }, error);
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
