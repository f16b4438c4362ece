import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption, yesToManyOption } from "../../cli/options.ts";
import { createTokenLookup } from "../../core/lookup.ts";
import { requireYesForMany } from "../shared/confirm-action.ts";
import { deleteMany, missingOkOption } from "../shared/delete-many.ts";
import { confirmTokenChange } from "./shared/confirm-token-change.ts";

export const examples: readonly Example[] = [
  { line: "tokctl token delete ci", title: "Delete a token after a confirmation prompt" },
  { line: "tokctl token delete ci deploy -y", title: "Delete several tokens without a prompt" },
  { line: "tokctl token delete gone --missing-ok", title: "Succeed if the token does not exist" },
];

export const seeAlso = ["token list", "logout"];

export const define: Define = (command, invocation) =>
  command
    .argument("<token...>", "IDs or names")
    .addOption(ownerOption())
    .addOption(yesToManyOption())
    .addOption(missingOkOption("token"))
    .action(
      action(invocation, async (session, references, { user: owner, yes, missingOk }) => {
        requireYesForMany(session, references, { verb: "Delete", noun: "token", yes });
        const provider = session.provider();
        const tokens = await session.tokens();
        return deleteMany(session, references, {
          noun: "token",
          missingOk,
          yes,
          find: createTokenLookup(provider, tokens, owner, references.length),
          confirm: (found) =>
            confirmTokenChange(session, provider, tokens, found, { verb: "Delete", yes }),
          remove: (token) => tokens.delete(token, owner),
        });
      }),
    );
