import type { Provider } from "../core/provider.ts";
import { describeToken, type IssuedToken } from "../core/token.ts";
import { CliError } from "../errors.ts";
import type { Session } from "../session/session.ts";

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
  const profile = await session.profileInUse();
  if (!profile) return undefined;
  const { name, origin } = profile;
  try {
    // Names can repeat: if the stored secret still works, another token was renewed.
    if (supports.serverIds && (await isCredentialValid(session))) return undefined;
    if (session.credentials.has(name))
      await session.credentials.write(name, {
        origin,
        credential: { kind: "token", token: issued.token },
      });
    await session.say({ text: `The profile "${name}" now uses the new secret.` });
    return undefined;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return new CliError(
      "outcome_unknown",
      `${describeToken(issued)} was renewed, but the profile "${name}" may still have the previous secret: ${error.message}`,
      {
        hint: `To store the new secret: tokctl login -p ${name} --app-token-file -`,
        cause: error,
      },
    );
  }
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
