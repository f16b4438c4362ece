import { tokenFinder } from "../../core/find.ts";
import { action, type Define } from "../command.ts";
import { deleteAll, missingOkOption } from "../deletions.ts";
import { ownerOption, yesOption } from "../options.ts";
import { requireConsent } from "./consent.ts";

export const define: Define = (command, invocation) =>
  command
    .argument("<token...>", "their ids or names")
    .addOption(ownerOption())
    .addOption(yesOption())
    .addOption(missingOkOption("token"))
    .action(
      action(invocation, async (context, references, { user, yes, missingOk }) => {
        const provider = context.provider();
        const tokens = await context.tokens();
        return deleteAll(references, {
          noun: "token",
          missingOk,
          find: tokenFinder(provider, tokens, user),
          consent: (found) => requireConsent(context, tokens, found, { verb: "Delete", yes }),
          remove: (token) => tokens.delete(token, user),
        });
      }),
    );
