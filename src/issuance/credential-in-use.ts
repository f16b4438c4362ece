import type { Provider } from "../core/provider.ts";
import { describeToken, hasSameName, type IssuedToken, type Token } from "../core/token.ts";
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
      text: `warning: Token ${describeToken(token)} has the name of the credential in use. If it is the same token, the credential stops working.`,
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
      text: `warning: Cannot check whether this is the credential in use: ${error.reason}`,
    });
    return [];
  }
}

/**
 * Stores a new secret in the profile if the renewed token is the profile's credential. Otherwise
 * the profile would stop working.
 * @returns the error of a failure; it is not thrown, because the secret still has to be printed.
 */
export async function updateStoredCredential(
  session: Session,
  { supports }: Provider,
  issued: IssuedToken,
): Promise<CliError | undefined> {
  if (!(await session.profileInUse())) return undefined;
  try {
    // Names can repeat: if the stored secret still works, another token was renewed.
    if (supports.serverIds && (await isCredentialValid(session))) return undefined;
  } catch (error) {
    return toUpdateError(session, issued, error);
  }
  return replaceStoredCredential(session, issued);
}

/**
 * Stores a new secret in the profile with the credential in use, if there is one.
 * @returns the error of a failure; it is not thrown, because the secret still has to be delivered.
 */
export async function replaceStoredCredential(
  session: Session,
  issued: IssuedToken,
): Promise<CliError | undefined> {
  const profile = await session.profileInUse();
  if (!profile) return undefined;
  const { name, origin } = profile;
  try {
    if (session.credentials.has(name))
      await session.credentials.write(name, {
        origin,
        credential: { kind: "token", token: issued.token },
      });
    await session.say({ text: `The profile "${name}" now uses the new secret.` });
    return undefined;
  } catch (error) {
    return toUpdateError(session, issued, error);
  }
}

async function toUpdateError(
  session: Session,
  issued: IssuedToken,
  error: unknown,
): Promise<CliError> {
  if (!(error instanceof CliError)) throw error;
  const name = (await session.profileInUse())?.name ?? "";
  return new CliError(
    "outcome_unknown",
    `Token ${describeToken(issued)} has a new secret, but it was not stored in the profile "${name}": ${error.reason}`,
    { hint: `To store the new secret: tokctl login -p ${name} --app-token-file -`, cause: error },
  );
}

async function isCredentialValid(session: Session): Promise<boolean> {
  try {
    await (await session.reconnect()).whoami();
    return true;
  } catch (error) {
    if (error instanceof CliError && error.code === "unauthenticated") return false;
    throw error;
  }
}
