import { describeToken, hasSameName, type Token } from "../core/token.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { CliError, InterruptedError } from "../errors.ts";
import type { Session } from "../session/session.ts";

/**
 * Warns if tokens that are about to lose their secrets may be the credential in use.
 * @returns whether one of them may be.
 */
export async function warnIfInUse(
  session: Session,
  tokens: TokenProvider,
  affected: readonly Token[],
): Promise<boolean> {
  const matching = await findPossiblyInUse(session, tokens, affected);
  for (const token of matching)
    await session.say({
      text: `warning: ${describeToken(token)} has the name of the credential in use. If it is the same token, the credential stops working.`,
      always: true,
    });
  return matching.length > 0;
}

/**
 * Returns the tokens that may be the credential in use. There can be several, because the API
 * returns only a name. Returns none if the request fails, because a failure must not prevent a
 * revocation.
 */
export async function findPossiblyInUse(
  session: Session,
  tokens: TokenProvider,
  affected: readonly Token[],
): Promise<readonly Token[]> {
  try {
    const inUse = await tokens.tokenInUse();
    return affected.filter((token) => inUse && hasSameName(token, inUse));
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    await session.say({
      text: `Cannot check whether this is the credential in use: ${error.message}`,
    });
    return [];
  }
}
