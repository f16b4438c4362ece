import type { Credential } from "../../core/credential.ts";
import type { Identity } from "../../core/identity.ts";
import type { Profile } from "../../core/profile.ts";
import type { Provider } from "../../core/provider.ts";
import { CliError, ConflictError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";
import type { SignInTarget } from "../../session/sign-in.ts";

/** Asks for confirmation before a sign-in replaces a profile of another target or account. */
export interface ReplacementGuard {
  /**
   * Asks if provider, base URL, region, project or namespace differ from the existing profile's.
   * @throws ConflictError off a terminal, InterruptedError if declined.
   */
  allowTarget(
    provider: Provider,
    target: Omit<SignInTarget, "certificates" | "allowHttp">,
  ): Promise<void>;
  /**
   * Asks if the account differs from the one that signed in last. The stored token is always allowed.
   * @throws ConflictError off a terminal, InterruptedError if declined.
   */
  allowAccount(identity: Identity, credential: Credential): Promise<void>;
}

/** @param isReplaceAllowed whether `--replace` is given: nothing is asked. */
export function createReplacementGuard(
  session: Session,
  name: string,
  existing: Profile | undefined,
  isReplaceAllowed: boolean,
): ReplacementGuard {
  const { profiles, credentials } = session;
  let isAllowed = isReplaceAllowed;

  async function confirmReplacement(replacement: string): Promise<void> {
    if (isAllowed || !existing) return;
    const { provider, url, region } = existing;
    const account = profiles.signedInAs(name);
    const details = [
      `${provider}${url || region ? ` at ${url ?? region}` : ""}`,
      ...(account && credentials.has(name) ? [`signed in as ${account.name}`] : []),
    ].join(", ");
    if (!session.prompter.interactive)
      throw new ConflictError(
        `Profile "${name}" already exists (${details}); ${replacement} would replace it.`,
        {
          hint: [
            "Pass --replace to replace the profile and its credential.",
            "Pass -p NAME to save the sign-in in another profile.",
          ],
        },
      );
    await session.prompter.confirm(`Replace profile "${name}" (${details}) with ${replacement}?`);
    isAllowed = true;
  }

  async function isStoredToken(credential: Credential): Promise<boolean> {
    // The keychain is not read: it may ask for a password.
    if (credential.kind !== "token" || (await credentials.storageOf(name)) !== "file") return false;
    try {
      const stored = (await credentials.read(name))?.credential;
      return stored?.kind === "token" && stored.token.reveal() === credential.token.reveal();
    } catch (error) {
      if (error instanceof CliError) return false;
      throw error;
    }
  }

  return {
    async allowTarget(provider, { url, region, projectRefs }) {
      if (!existing) return;
      if (existing.provider !== provider.id)
        return confirmReplacement(`a sign-in to ${provider.id}`);
      const old = session.signIn.targetOfProfile(provider, existing);
      const isDifferent =
        (old.url && url && old.url.href !== url.href) ||
        (old.region !== undefined && old.region !== region) ||
        provider.requiredRefs.some(
          (key) =>
            old.projectRefs[key] !== undefined &&
            projectRefs[key] !== undefined &&
            old.projectRefs[key] !== projectRefs[key],
        );
      if (isDifferent) await confirmReplacement("a sign-in with another URL, region or project");
    },
    async allowAccount(identity, credential) {
      if (isAllowed || !existing || !credentials.has(name)) return;
      const account = profiles.signedInAs(name);
      if (account?.name === identity.name && account.project === identity.project) return;
      if (!(await isStoredToken(credential)))
        await confirmReplacement(`a sign-in as ${identity.name ?? "an unnamed account"}`);
    },
  };
}
