import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../cli/command.ts";
import { yesOption } from "../cli/options.ts";
import { describeToken } from "../core/token.ts";
import { CliError, UsageError } from "../errors.ts";
import { show, type View } from "../output/view.ts";
import type { Session } from "../session/session.ts";

interface SignedOut {
  readonly profile: string;
  readonly removed: boolean;
  readonly revoked: boolean;
}

const line = ({ profile, removed, revoked }: SignedOut) =>
  removed
    ? `signed out of ${profile}${revoked ? ", and revoked its token" : ""}`
    : `no credential was kept for ${profile}`;

const signedOutView: View<SignedOut> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
};

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
          throw new UsageError("No profile is chosen, so there is none to sign out of.", {
            hint: "Name one with -p; tokctl profile list shows those there are.",
          });
        const revoked = revoke && (await revokeToken(session, profile, yes));
        const removed = await session.credentials.remove(profile);
        return show({ profile, removed, revoked }, signedOutView, {
          notes:
            removed && !revoke
              ? [
                  {
                    text: "The token itself was not revoked: it is good wherever else it is kept, until it is deleted.",
                  },
                ]
              : [],
        });
      }),
    );

/** Deletes the token that is kept. False if it is dead already. */
async function revokeToken(session: Session, profile: string, yes: boolean): Promise<boolean> {
  if ((await session.profileInUse())?.name !== profile)
    throw new UsageError("The credential of this call is not the one that is kept.", {
      hint: "Leave out --app-token and the like; TOKCTL_APP_TOKEN is ignored beside a typed -p.",
    });
  try {
    const tokens = await session.tokens();
    const inUse = await tokens.tokenInUse();
    const owned = inUse ? await tokens.list(undefined) : [];
    const found = owned.filter(({ name, owner }) => name === inUse?.name && owner === inUse?.owner);
    const [token] = found;
    if (!token || found.length > 1)
      throw new UsageError("It can't be told which token the credential is. Nothing was changed.", {
        hint: "tokctl logout forgets it; tokctl token delete TOKEN deletes one.",
      });
    if (session.prompter.interactive && !yes)
      await session.prompter.confirm(`Delete ${describeToken(token)}, and sign out?`);
    await tokens.delete(token, undefined);
    return true;
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "unauthenticated") throw error;
    await session.say({ text: "The credential was refused: it is dead already." });
    return false;
  }
}
