import { byCreation } from "../core/filter.ts";
import { describeCandidates } from "../core/lookup.ts";
import type { Provider } from "../core/provider.ts";
import { baseNameOf } from "../core/soft-expiry.ts";
import { tokenArguments } from "../core/target-options.ts";
import { describeToken, type Token, type TokenSpec } from "../core/token.ts";
import type { RenewChanges, TokenProvider } from "../core/token-provider.ts";
import { CliError, ConflictError } from "../errors.ts";
import { isSameSet, toWantedToken } from "../journal/pending-operation.ts";
import type { Session } from "../session/session.ts";
import { unwrap } from "../session/target/target.ts";
import { findPossiblyInUse, updateStoredCredential, warnIfInUse } from "./credential-in-use.ts";
import type { DeliverableSecret } from "./deliver.ts";
import { createTokenUnchecked, lookupName, renewToken, warnOfDuplicateName } from "./issue.ts";
import { type IssuedSecret, type LostSecretAction, revokeToken } from "./lost-secret.ts";

/** What to do if a token of the requested name exists. */
export type IfExistsAction = "fail" | "renew" | "replace";

/** How `ensureToken` creates a token, and its choices. */
export interface EnsureOptions {
  readonly ifExists: IfExistsAction;
  readonly onLost: LostSecretAction | undefined;
}

/** The parameters of one call. */
export interface EnsureContext extends EnsureOptions {
  readonly session: Session;
  readonly provider: Provider;
  readonly tokens: TokenProvider;
  readonly spec: TokenSpec;
}

/**
 * Makes sure that exactly one token of a name exists, and returns a new secret of it. An existing token
 * is an error (`fail`), gets a new secret if its scope is the requested one (`renew`), or is replaced by
 * a new token (`replace`). Tokens of other regions don't count.
 *
 * Runs on this machine wait for each other. If another machine creates a token of the name at the same
 * time, the younger of the two tokens is deleted; its run then treats the other one as existing.
 * @returns the token and its open journal entry: deliver the secret, then close the entry.
 * @throws ConflictError if the token exists and must not be changed, or several have the name; CliError as
 * `createToken` and `renewToken` do.
 */
export async function ensureToken(
  session: Session,
  provider: Provider,
  tokens: TokenProvider,
  spec: TokenSpec,
  options: EnsureOptions,
): Promise<DeliverableSecret> {
  tokens.validateSpec?.(spec);
  return withNameLock(session, provider, spec, async () => {
    const context = { session, provider, tokens, spec, ...options };
    const before = await tokens.list(spec.owner);
    const existing = findExisting(context, before);
    if (!existing) return createUnique(context, before);
    return options.ifExists === "replace"
      ? replaceToken(context, existing, before)
      : useExisting(context, existing, before);
  });
}

/** Runs work while no other run on this machine creates a token of the same name. */
export async function withNameLock<T>(
  { target, host }: Session,
  provider: Provider,
  spec: Pick<TokenSpec, "name" | "owner">,
  work: () => Promise<T>,
): Promise<T> {
  const lockName = JSON.stringify([
    provider.id,
    unwrap(target.baseUrl).value.href,
    unwrap(target.projectRefs),
    spec.owner ?? null,
    lookupName(provider, spec),
  ]);
  const { withNamedLock } = await import("../config/lock.ts");
  return withNamedLock(lockName, host, target.timeout.total, work);
}

const hasName = ({ provider, spec }: EnsureContext, token: Token): boolean =>
  baseNameOf(token) === lookupName(provider, spec) &&
  (spec.region === undefined || token.region === spec.region);

/** Returns the token of the requested name. @throws ConflictError if several have it. */
function findExisting(context: EnsureContext, all: readonly Token[]): Token | undefined {
  const [existing, ...others] = all.filter((token) => hasName(context, token)).toSorted(byCreation);
  if (existing && others.length > 0) {
    const same = [existing, ...others];
    throw new ConflictError(
      `${same.length} tokens are named "${lookupName(context.provider, context.spec)}".`,
      {
        hint: [
          "Delete all but one of them by ID: tokctl token delete ID",
          ...describeCandidates(same),
        ],
      },
    );
  }
  return existing;
}

/** Creates a token, unless another client creates one of the same name first. */
async function createUnique(
  context: EnsureContext,
  before: readonly Token[],
): Promise<DeliverableSecret> {
  const { session, tokens, spec, onLost } = context;
  let secret: IssuedSecret;
  try {
    secret = await createTokenUnchecked(session, tokens, spec, before, { onLost });
  } catch (error) {
    // An API with unique names rejects the create of the slower client.
    if (!(error instanceof CliError) || error.code !== "conflict") throw error;
    const after = await tokens.list(spec.owner);
    const existing = findExisting(context, after);
    if (!existing) throw error;
    return useExisting(context, existing, after);
  }
  return settleRace(context, secret, before);
}

/**
 * Creates a second token of the name. The existing one is deleted once the new secret is delivered. An API
 * with unique names renews the existing token instead, with the requested attributes.
 * @throws ConflictError if the existing token may be the credential in use.
 */
export async function replaceToken(
  context: EnsureContext,
  existing: Token,
  before: readonly Token[],
): Promise<DeliverableSecret> {
  const { session, provider, tokens, spec, onLost } = context;
  if (!provider.supports.serverIds)
    return renewExisting(context, existing, spec.roles.length > 0 ? { roles: spec.roles } : {});
  const inUse = await findPossiblyInUse(session, tokens, [existing]);
  if (inUse.length > 0)
    throw new ConflictError(
      `Cannot replace token ${describeToken(existing)}: it is the credential in use.`,
      { hint: "Use another credential, or renew the token without a new scope or expiry." },
    );
  const secret = await createTokenUnchecked(session, tokens, spec, before, { onLost });
  return settleRace(context, secret, before, existing);
}

/**
 * Handles a token of the same name that another client created at the same time. Both clients list the
 * tokens after their create, so the younger token's client sees the older one and deletes its own.
 */
async function settleRace(
  context: EnsureContext,
  secret: IssuedSecret,
  before: readonly Token[],
  replaces?: Token,
): Promise<DeliverableSecret> {
  const { issued } = secret;
  const { rivals, warnings } = await findRivals(context, issued, before);
  const [oldest] = rivals.toSorted(byCreation);
  if (oldest && byCreation(oldest, issued) < 0) {
    await deleteOwn(context, secret, oldest);
    return useExisting(context, oldest, before);
  }
  const messages = [
    ...secret.messages,
    ...warnings,
    ...warnOfDuplicateName(baseNameOf(issued), rivals),
  ];
  return { ...secret, messages, isNewToken: true, replaces };
}

/** Lists tokens of the name that other clients have created since `before`. A failure is a warning. */
async function findRivals(
  context: EnsureContext,
  { id }: Token,
  before: readonly Token[],
): Promise<{ readonly rivals: readonly Token[]; readonly warnings: readonly string[] }> {
  const { session, provider, tokens, spec } = context;
  if (!provider.supports.serverIds) return { rivals: [], warnings: [] };
  const earlierIds = new Set([id, ...before.map((token) => token.id)]);
  try {
    session.clock.ensureTime();
    const all = await tokens.list(spec.owner);
    const rivals = all.filter((token) => hasName(context, token) && !earlierIds.has(token.id));
    return { rivals, warnings: [] };
  } catch (error) {
    // The new secret must not be lost.
    if (!(error instanceof CliError)) throw error;
    const warning = `warning: Cannot check whether another client created "${spec.name}" at the same time: ${error.reason}`;
    return { rivals: [], warnings: [warning] };
  }
}

/** Deletes the token that this run created. Its secret was not delivered. */
async function deleteOwn(
  { session, spec }: EnsureContext,
  { issued, entry }: IssuedSecret,
  other: Token,
): Promise<void> {
  try {
    session.clock.ensureTime();
    const tokens = await session.reconnect({ ignoresInterrupt: true });
    await revokeToken(tokens, issued, spec.owner ?? null);
    entry.close();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(
      "partial",
      `Another client created token ${describeToken(other)} at the same time, but token ${describeToken(issued)} was not deleted: ${error.reason}`,
      {
        hint: `To delete it: tokctl token delete ${tokenArguments(issued, spec.owner)}`,
        requestId: error.requestId,
        cause: error,
      },
    );
  }
}

/** Renews the existing token, if that is wanted. @throws ConflictError if not, or if its scope differs */
async function useExisting(
  context: EnsureContext,
  existing: Token,
  before: readonly Token[],
): Promise<DeliverableSecret> {
  const { ifExists, spec } = context;
  const subject = `Token ${describeToken(existing)} already exists`;
  if (ifExists === "fail")
    throw new ConflictError(`${subject}.`, {
      hint: `To create a new secret for it: tokctl token renew ${tokenArguments(existing, spec.owner)}`,
    });
  const differences = describeScopeDifferences(spec, existing);
  if (differences.length > 0)
    throw new ConflictError(`${subject} with another scope: ${differences.join("; ")}.`, {
      hint:
        ifExists === "replace"
          ? "Another client created it at the same time. To replace it, run the same command again."
          : "To replace it with a token of the requested scope, add --if-exists replace.",
    });
  // Only a new token can have another soft expiry.
  return spec.name !== existing.name && spec.name !== lookupName(context.provider, spec)
    ? replaceToken(context, existing, before)
    : renewExisting(context, existing, {});
}

/** Lists the differences of scope. A spec without roles matches any roles. */
function describeScopeDifferences(spec: TokenSpec, token: Token): readonly string[] {
  const wanted = toWantedToken(spec);
  const compare = (noun: string, is: string | null, requested: string | null) =>
    is === requested ? [] : [`${noun} ${is ?? "none"} instead of ${requested ?? "none"}`];
  return [
    ...(wanted.roles.length === 0 || isSameSet(wanted.roles, token.roles)
      ? []
      : compare("role", token.roles.join(", ") || null, wanted.roles.join(", "))),
    ...compare("label selector", token.labelSelector, wanted.labelSelector),
    ...compare("resource", token.resource, wanted.resource),
  ];
}

async function renewExisting(
  { session, provider, tokens, spec, onLost }: EnsureContext,
  existing: Token,
  scope: Pick<RenewChanges, "roles">,
): Promise<DeliverableSecret> {
  const { expiry, description, owner } = spec;
  const mayBeInUse = await warnIfInUse(session, tokens, [existing]);
  const changes = { ...scope, expiry, description, owner };
  const secret = await renewToken(session, tokens, existing, changes, onLost);
  const failure = mayBeInUse
    ? await updateStoredCredential(session, provider, secret.issued)
    : undefined;
  return { ...secret, isNewToken: false, failure };
}
