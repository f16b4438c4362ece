import { action, type Define, type Example } from "../../cli/command.ts";
import { yesOption } from "../../cli/options.ts";
import { UsageError } from "../../errors.ts";
import { showDone } from "./view.ts";

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
          throw new UsageError(`There is no profile "${name}".`, {
            unknownWord: { word: name, candidates: profiles.names() },
            hint: "tokctl profile list shows those there are.",
          });
        if (session.prompter.interactive && !yes)
          await session.prompter.confirm(`Remove the profile "${name}" and its credential?`);
        // The credential first: without its profile nobody would look for it.
        const kept = await credentials.remove(name);
        profiles.remove(name);
        if (profiles.current() === name) await profiles.setCurrent(undefined);
        return showDone({ name }, kept ? "removed; its token was not revoked" : "removed");
      }),
    );
