import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../cli/command.ts";
import { yesOption } from "../cli/options.ts";
import { describeToken } from "../core/token.ts";
import { CliError, UsageError } from "../errors.ts";
import { show, type View } from "../output/view.ts";
import type { Session } from "../session/session.ts";
import { signedInNotes } from "./shared/override-notes.ts";

interface SignedOut {
  readonly profile: string;
  readonly removed: boolean;
  readonly revoked: boolean;
}

const line = ({ profile, removed, revoked }: SignedOut) =>
  removed
    ? `signed out of ${profile}${revoked ? ", and revoked its token" : ""}`
    : `profile ${profile} has no saved credential`;

const signedOutView: View<SignedOut> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
};

export const effect = "delete";

export const examples: readonly Example[] = [
  { line: "tokctl logout", title: "Sign out of the current profile" },
  { line: "tokctl logout -p work", title: "Sign out of another profile" },
];

export const seeAlso = ["login", "profile remove"];

export const define: Define = (command, invocation) =>
  command
    .addOption(new Option("--revoke", "Also delete the token on the server"))
    .addOption(yesOption())
    .action(
      action(invocation, async (session, { revoke = false, yes = false }) => {
        const profile = session.profileName();
        if (profile === undefined)
          throw new UsageError("No profile is selected.", {
            hint: "Pass -p NAME. To list the profiles: tokctl profile list",
          });
        const revoked = revoke && (await revokeToken(session, profile, yes));
        const removed = await session.credentials.remove(profile);
        return show({ profile, removed, revoked }, signedOutView, {
          notes: [
            ...(removed && !revoke
              ? [
                  {
                    text: "The token was not revoked and stays valid. To revoke a token, run: tokctl token delete TOKEN",
                  },
                ]
              : []),
            ...signedInNotes(session),
          ],
        });
      }),
    );

/**
 * Deletes the token of the saved credential on the server.
 * @returns false if the credential is no longer valid.
 * @throws UsageError if options select another credential, or the token can't be identified.
 */
async function revokeToken(session: Session, profile: string, yes: boolean): Promise<boolean> {
  if ((await session.profileInUse())?.name !== profile)
    throw new UsageError(
      `--revoke uses the saved credential of profile "${profile}", but an option or environment variable overrides it.`,
      {
        hint: `Omit --app-token and other credential options, and pass -p ${profile}, which ignores TOKCTL_APP_TOKEN.`,
      },
    );
  try {
    const tokens = await session.tokens();
    const inUse = await tokens.tokenInUse();
    const owned = inUse ? await tokens.list(undefined) : [];
    const found = owned.filter(({ name, owner }) => name === inUse?.name && owner === inUse?.owner);
    const [token] = found;
    if (!token || found.length > 1)
      throw new UsageError("Cannot identify the token of the credential. Nothing was changed.", {
        hint: "Run tokctl logout to delete the saved credential, and tokctl token delete TOKEN to revoke a token.",
      });
    if (session.prompter.interactive && !yes)
      await session.prompter.confirm(
        `Delete token ${describeToken(token)} and sign out of "${profile}"?`,
      );
    await tokens.delete(token, undefined);
    return true;
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "unauthenticated") throw error;
    await session.say({
      text: "The credential is no longer valid (401 Unauthorized), so no token was deleted.",
    });
    return false;
  }
}
