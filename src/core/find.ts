import { CliError, ConflictError, NotFoundError, UsageError } from "../errors.ts";
import { checkRule } from "./check.ts";
import type { Provider, TokenProvider } from "./provider.ts";
import { describeToken, type Token } from "./token.ts";

export interface Found {
  readonly token: Token;
  /** Only the beginning of its id was given: not enough to destroy anything without asking. */
  readonly byPrefix: boolean;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const prefix = /^[0-9a-f][0-9a-f-]{5,}$/i;

/**
 * Prepares to look tokens up by what people call them: an id, else an exact name, else (where the
 * server makes the ids) the beginning of one. The list is read once, and only if it is needed.
 *
 * The lookup throws NotFoundError, ConflictError with the candidates, or UsageError for "".
 */
export function tokenFinder(
  provider: Provider,
  tokens: TokenProvider,
  owner: string | undefined,
): (reference: string) => Promise<Found> {
  const { supports, title, notFoundHint } = provider;
  let all: Promise<readonly Token[]> | undefined;
  return async (reference) => {
    if (reference === "") throw new UsageError("The token to look for is the empty string.");
    checkRule(provider, reference);
    const known = uuid.test(reference) ? await tokens.get?.(reference.toLowerCase()) : undefined;
    if (known) return { token: known, byPrefix: false };
    all ??= tokens.list(owner).catch(asOtherFailure);
    const list = await all;
    const own = list.find(({ id }) => id === reference);
    if (own) return { token: own, byPrefix: false };
    const named = list.filter(({ name }) => name === reference);
    const only = single(
      named,
      `${named.length} tokens are named "${reference}"`,
      "Give the id instead",
    );
    if (only) return { token: only, byPrefix: false };
    if (supports.serverIds && prefix.test(reference)) {
      const begun = list.filter(({ id }) => id.startsWith(reference.toLowerCase()));
      const one = single(
        begun,
        `${begun.length} ids begin with "${reference}"`,
        "Give more of the id",
      );
      if (one) return { token: one, byPrefix: true };
    }
    throw new NotFoundError(`${title} has no token "${reference}".`, { hint: notFoundHint });
  };
}

/** A list that is not found is no token that is missing: its user or its project is. */
function asOtherFailure(error: unknown): never {
  if (!(error instanceof NotFoundError)) throw error;
  const { message, hint, requestId } = error;
  throw new CliError("not_found", message, { hint, requestId, cause: error });
}

function single(matches: readonly Token[], several: string, advice: string): Token | undefined {
  if (matches.length > 1)
    throw new ConflictError(`${several}.`, {
      hint: `${advice}: ${matches.map(candidate).join(", ")}.`,
    });
  return matches[0];
}

const candidate = (token: Token): string =>
  `${describeToken(token)}${token.createdAt === null ? "" : ` of ${token.createdAt}`}`;
