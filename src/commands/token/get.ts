import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption } from "../../cli/options.ts";
import { tokenView } from "../../cli/token-views.ts";
import { tokenFinder } from "../../core/find.ts";
import { show } from "../../output/view.ts";

export const examples: readonly Example[] = [
  { line: "tokctl token get ci", does: "by its name" },
  { line: "tokctl token get ci -o json", does: "for a script" },
];

export const define: Define = (command, invocation) =>
  command
    .argument("<token>", "its id, name, or the beginning of its id")
    .addOption(ownerOption())
    .action(
      action(invocation, async (session, reference, { user }) => {
        const provider = session.provider();
        const find = tokenFinder(provider, await session.tokens(), user);
        return show((await find(reference)).item, tokenView);
      }),
    );
