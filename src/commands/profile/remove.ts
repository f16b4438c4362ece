import { action, type Define, type Example } from "../../cli/command.ts";
import { yesOption } from "../../cli/options.ts";
import { UsageError } from "../../errors.ts";
import { showDone } from "./shared/views.ts";

export const effect = "delete";

export const examples: readonly Example[] = [
  { line: "tokctl profile remove work -y", title: "Remove a profile without a prompt" },
];

export const define: Define = (command, invocation) =>
  command
    .argument("<profile>", "Name of the profile")
    .addOption(yesOption())
    .action(
      action(invocation, async (session, name, { yes = false }) => {
        const { profiles, credentials } = session;
        if (!profiles.names().includes(name) && !credentials.has(name))
          throw new UsageError(`Profile "${name}" does not exist.`, {
            unknownWord: { word: name, candidates: profiles.names() },
            hint: "To list the profiles: tokctl profile list",
          });
        if (session.prompter.interactive && !yes)
          await session.prompter.confirm(`Remove profile "${name}" and its credential?`);
        // The credential is removed first: without a profile it would not be listed.
        const hadCredential = await credentials.remove(name);
        profiles.remove(name);
        if (profiles.current() === name) await profiles.setCurrent(undefined);
        return showDone({ name }, hadCredential ? "removed; its token was not revoked" : "removed");
      }),
    );
