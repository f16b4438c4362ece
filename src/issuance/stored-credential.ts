import type { Provider } from "../core/provider.ts";
import { describeToken, type IssuedToken } from "../core/token.ts";
import { CliError } from "../errors.ts";
import type { Session } from "../session/session.ts";

/**
 * After the renewal of what may be the credential in use: if it was the one that is stored, the new
 * secret takes its place at once, or the person would be locked out. What goes wrong is returned and
 * not thrown, for the new secret is still to be printed.
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
    // Where names repeat, another token may bear this one's: the old secret tells.
    if (supports.serverIds && (await stillWorks(session))) return undefined;
    // What is kept is for the very origin of this call, so the old one need not be read.
    if (session.credentials.has(name))
      await session.credentials.write(name, {
        origin,
        credential: { kind: "token", token: issued.token },
      });
    await session.say({ text: `The profile "${name}" uses the new secret from now on.` });
    return undefined;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return new CliError(
      "outcome_unknown",
      `${describeToken(issued)} is renewed, but the profile "${name}" may still hold its old secret: ${error.message}`,
      {
        hint: `Keep the new secret: tokctl login -p ${name} --app-token-file - takes it.`,
        cause: error,
      },
    );
  }
}

async function stillWorks(session: Session): Promise<boolean> {
  try {
    await (await session.reconnect()).whoami();
    return true;
  } catch (error) {
    if (error instanceof CliError && error.code === "unauthenticated") return false;
    throw error;
  }
}
