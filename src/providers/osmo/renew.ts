import type { Transport } from "../../core/connection.ts";
import { quoteWord } from "../../core/quoting.ts";
import { formatOwner } from "../../core/target-options.ts";
import { toDate } from "../../core/time.ts";
import type { IssuedToken, Token } from "../../core/token.ts";
import type { RenewChanges } from "../../core/token-provider.ts";
import {
  CliError,
  ConflictError,
  type ErrorCode,
  InterruptedError,
  UnfinishedError,
  UsageError,
} from "../../errors.ts";
import {
  latestDate,
  type RequestedExpiry,
  toRequestedExpiry,
  warnOfEarlierExpiry,
} from "./lifetime.ts";
import { type ProbeContext, probeRenewal } from "./renewal-probe.ts";
import {
  type CreateContext,
  type CreateRequest,
  createAndReadBack,
  type TokenEndpoints,
} from "./tokens.ts";

/** Milliseconds to wait before each retry of the creation. */
const pauses = [500, 2000];

/** The dependencies of a renewal. */
export interface RenewalContext extends CreateContext {
  readonly probe: ProbeContext;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** The time budget of the run. Recreating the token may exceed it. */
  readonly budget: Transport["budget"];
  /** The interruption of the run. Ignored once the token is deleted. */
  readonly interrupt: AbortSignal;
}

/**
 * Renews a token by deleting it and creating it again with its name, roles, description and expiry,
 * because the service has no route to renew. A probe checks first whether the service would create
 * such a token.
 * @throws CliError with the token unchanged; UnfinishedError `partial` if it was deleted and not
 * created again; CliError `outcome_unknown` if it may have been created again. The hint of the last
 * two contains the command that restores the token.
 */
export async function renewByReplacement(
  context: RenewalContext,
  token: Token,
  changes: RenewChanges,
): Promise<IssuedToken> {
  const { interrupt, now, warn } = context;
  const { expiry, ...planned } = planRenewal(now(), token, changes);
  throwIfAborted(interrupt);
  const expiresAt = await probeRenewal(context.probe, expiry, planned);
  const request = { ...planned, expiresAt };
  const previous = toRestoreRequest(token, request);
  if (changes.expiry === undefined && expiresAt !== expiry.date)
    warnOfEarlierExpiry(warn, expiresAt);
  throwIfAborted(interrupt);
  await deleteToken(context, previous);
  // --timeout must not prevent the creation of the deleted token.
  context.budget?.ensure();
  return recreate(context, request, previous);
}

/** Returns the expiry date of an active token; undefined for an expired one. */
const findExpiryDate = ({ status, expiresAt }: Token): string | undefined =>
  status === "active" && expiresAt ? toDate(new Date(expiresAt)) : undefined;

function throwIfAborted(interrupt: AbortSignal): void {
  if (interrupt.aborted) throw new InterruptedError("Interrupted. Nothing was changed.", interrupt);
}

/**
 * Returns the request that restores the token with its previous values. Requested values replace
 * missing ones.
 */
function toRestoreRequest(token: Token, request: CreateRequest): CreateRequest {
  const date = findExpiryDate(token);
  return {
    ...request,
    description: token.description ?? undefined,
    ...(token.roles.length > 0 && { roles: token.roles }),
    ...(date && date < request.expiresAt && { expiresAt: date }),
  };
}

/** The token to create. */
interface PlannedRenewal extends Omit<CreateRequest, "expiresAt"> {
  readonly expiry: RequestedExpiry;
}

function planRenewal(now: Date, token: Token, changes: RenewChanges): PlannedRenewal {
  const name = token.id;
  const date = findExpiryDate(token);
  const expiry = changes.expiry
    ? toRequestedExpiry(changes.expiry, now)
    : date && { date, option: undefined };
  if (!expiry)
    throw new UsageError(`Token "${name}" has expired: a renewal needs a new expiry.`, {
      hint: `For example: tokctl token renew ${name} -e 31d`,
    });
  const roles = changes.roles ?? token.roles;
  if (roles.length === 0)
    throw new UsageError(
      `Token "${name}" has no roles: a renewal without -r would assign all roles of the user.`,
      {
        hint: `Set roles: tokctl token renew ${name} -r ROLE`,
      },
    );
  const description = changes.description ?? token.description ?? undefined;
  return { name, expiry, description, roles };
}

/** Deletes the token. If the response is lost, checks whether it still exists. */
async function deleteToken(
  { endpoints, owner, budget }: RenewalContext,
  token: CreateRequest,
): Promise<void> {
  const { name } = token;
  try {
    await endpoints.delete(name);
  } catch (error) {
    if (!(error instanceof CliError) || !retryableCodes.includes(error.code)) throw error;
    budget?.ensure();
    const tokens = await endpoints.list().catch(() => undefined);
    if (tokens?.some((each) => each.name === name)) throw error;
    if (!tokens)
      throw new CliError(
        "outcome_unknown",
        `Token "${name}" may have been deleted and was not created again: ${error.reason}`,
        {
          hint: [
            `Check with tokctl token list${formatOwner(owner)}. If it does not exist, restore it:`,
            restoreCommand(token, owner),
          ],
          cause: error,
        },
      );
  }
}

/** Creates the deleted token, with retries. @throws the error of `toLostTokenError()` after the last attempt. */
async function recreate(
  context: RenewalContext,
  request: CreateRequest,
  previous: CreateRequest,
): Promise<IssuedToken> {
  const { endpoints, owner, sleep } = context;
  /** Whether an attempt with a lost response may have created the token. */
  let mayExist = false;
  for (let attempts = 0; ; attempts++) {
    try {
      if (mayExist) await deleteIfExists(endpoints, request.name);
      return await createAndReadBack(context, request);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      mayExist ||= maybeAppliedCodes.includes(error.code);
      const isRetryable =
        retryableCodes.includes(error.code) || (mayExist && error.code === "conflict");
      const pause = pauses[attempts];
      if (!isRetryable || pause === undefined) {
        const isLeft = mayExist && (await fails(deleteIfExists(endpoints, request.name)));
        const lost = { token: previous, owner, mayExist: isLeft, now: context.now() };
        throw toLostTokenError(lost, error);
      }
      await sleep(pause);
    }
  }
}

const fails = (attempt: Promise<void>): Promise<boolean> =>
  attempt.then(
    () => false,
    () => true,
  );

/** Deletes the token of an attempt with a lost response, because its secret is lost too. */
async function deleteIfExists(endpoints: TokenEndpoints, name: string): Promise<void> {
  const tokens = await endpoints.list();
  if (tokens.some((token) => token.name === name)) await endpoints.delete(name);
}

/** Error codes after which the request may have taken effect. */
const maybeAppliedCodes: readonly ErrorCode[] = ["outcome_unknown", "server_error"];

/** Error codes after which another attempt may succeed. */
const retryableCodes: readonly ErrorCode[] = [...maybeAppliedCodes, "network", "rate_limited"];

/** A token that a renewal deleted and did not create again. */
interface LostToken {
  /** The request that restores it. */
  readonly token: CreateRequest;
  readonly owner: string | undefined;
  /** Whether an attempt to create it may have succeeded; its secret is lost. */
  readonly mayExist: boolean;
  readonly now: Date;
}

/** Returns the error for a lost token. Its hint contains the command that restores the token. */
function toLostTokenError(lost: LostToken, cause: CliError): CliError {
  const { owner, mayExist, now } = lost;
  const { name, expiresAt: previous } = lost.token;
  const latest = latestDate(cause, now) ?? previous;
  const token = { ...lost.token, expiresAt: previous < latest ? previous : latest };
  const details = { requestId: cause.requestId, cause };
  if (!mayExist && cause.code === "conflict")
    return new ConflictError(
      `Token "${name}" was deleted for the renewal, and then another client created a token of that name.`,
      {
        ...details,
        hint: [
          "Only that client has its secret. Create a new secret:",
          `tokctl token renew ${name}${formatOwner(owner)}`,
        ],
      },
    );
  return mayExist
    ? new CliError(
        "outcome_unknown",
        `Token "${name}" was deleted for the renewal and may have been created again, but its secret was lost: ${cause.reason}`,
        {
          ...details,
          hint: [
            `If tokctl token list${formatOwner(owner)} shows it, create a new secret:`,
            `tokctl token renew ${name}${formatOwner(owner)}`,
            "Otherwise, restore it:",
            restoreCommand(token, owner),
          ],
        },
      )
    : new UnfinishedError(
        "partial",
        `Token "${name}" was deleted for the renewal and could not be created again: ${cause.reason}`,
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
const restoreCommand = (
  { name, expiresAt, description, roles }: CreateRequest,
  owner: string | undefined,
): string =>
  [
    `tokctl token create ${name} -e ${expiresAt}`,
    ...roles.map((role) => ` -r ${quoteWord(role)}`),
    ...(description === undefined ? [] : [` -d ${quoteWord(description)}`]),
    formatOwner(owner),
  ].join("");
