import type { Credential } from "../core/credential.ts";
import type { Provider } from "../core/provider.ts";
import type { Identity } from "../core/token-provider.ts";
import { CliError, ConflictError } from "../errors.ts";
import type { Destination, Profile, Session } from "../session/session.ts";

/** Guards a profile that exists from a sign-in that is not its own. */
export interface Replacement {
  /**
   * Allows a sign-in of the same provider, base URL, region, project and namespace.
   * @throws ConflictError off a terminal, InterruptedError where the answer is no, for any other.
   */
  allowDestination(
    provider: Provider,
    to: Omit<Destination, "certificates" | "allowHttp">,
  ): Promise<void>;
  /**
   * Allows a sign-in by the account that signed in last, or with the very token that is kept.
   * @throws ConflictError off a terminal, InterruptedError where the answer is no, for any other.
   */
  allowAccount(identity: Identity, credential: Credential): Promise<void>;
}

/** @param replace whether the person has allowed everything already. */
export function createReplacement(
  session: Session,
  name: string,
  existing: Profile | undefined,
  replace: boolean,
): Replacement {
  const { profiles, credentials } = session;
  let allowed = replace;

  async function allow(by: string): Promise<void> {
    if (allowed || !existing) return;
    const { provider, url, region } = existing;
    const as = profiles.signedInAs(name);
    const old = [
      `${provider}${url || region ? ` at ${url ?? region}` : ""}`,
      ...(as && credentials.has(name) ? [`signed in as ${as.name}`] : []),
    ].join(", ");
    if (!session.prompter.interactive)
      throw new ConflictError(`The profile "${name}" exists (${old}); ${by} would replace it.`, {
        hint: [
          "--replace replaces the profile and its credential.",
          "-p NAME signs in under another name.",
        ],
      });
    await session.prompter.confirm(`Replace the profile "${name}" (${old}) by ${by}?`);
    allowed = true;
  }

  async function isKept(credential: Credential): Promise<boolean> {
    if (credential.kind !== "token" || (await credentials.storageOf(name)) !== "file") return false;
    try {
      const kept = (await credentials.read(name))?.credential;
      return kept?.kind === "token" && kept.token.reveal() === credential.token.reveal();
    } catch (error) {
      if (error instanceof CliError) return false;
      throw error;
    }
  }

  return {
    async allowDestination(provider, { url, region, projectRefs }) {
      if (!existing) return;
      if (existing.provider !== provider.id) return allow(`a sign-in to ${provider.id}`);
      const old = session.signIn.profileDestination(provider, existing);
      const isOther =
        (old.url && url && old.url.href !== url.href) ||
        (old.region !== undefined && old.region !== region) ||
        provider.requiredRefs.some(
          (need) =>
            old.projectRefs[need] !== undefined &&
            projectRefs[need] !== undefined &&
            old.projectRefs[need] !== projectRefs[need],
        );
      if (isOther) await allow("a sign-in elsewhere");
    },
    async allowAccount(identity, credential) {
      if (allowed || !existing || !credentials.has(name)) return;
      const as = profiles.signedInAs(name);
      if (as && as.name === identity.name && as.project === identity.project) return;
      if (!(await isKept(credential))) await allow(`a sign-in as ${identity.name ?? "somebody"}`);
    },
  };
}
