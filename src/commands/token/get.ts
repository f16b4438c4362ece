import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption } from "../../cli/options.ts";
import { createTokenLookup } from "../../core/lookup.ts";
import { show } from "../../output/view.ts";
import { tokenView } from "./shared/views.ts";

export const examples: readonly Example[] = [
  { line: "tokctl token get ci", title: "Show a token by name" },
  { line: "tokctl token get ci -o json", title: "Show a token as JSON" },
];

export const seeAlso = ["token list", "token roles", "token reach"];

export const define: Define = (command, invocation) =>
  command
    .argument("<token>", "ID, name, or the first characters of the ID")
    .addOption(ownerOption())
    .action(
      action(invocation, async (session, reference, { user: owner }) => {
        const provider = session.provider();
        const find = createTokenLookup(provider, await session.tokens(), owner);
        return show((await find(reference)).item, tokenView);
      }),
    );
