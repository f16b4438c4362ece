import { action, type Define, type Example } from "../../cli/command.ts";
import { addTargetToHint } from "../../cli/hint-target.ts";
import { ownerOption, yesToManyOption } from "../../cli/options.ts";
import { requireYesForMany } from "../shared/confirm-action.ts";
import { deleteLookedUp, missingOkOption } from "../shared/delete-many.ts";
import { expiredOption } from "./shared/expiry-options.ts";
import {
  addSelectionOptions,
  allOption,
  checkSelection,
  dryRunOption,
  roleFilterOption,
} from "./shared/selection.ts";
import {
  confirmTokenChange,
  selectTokensToChange,
  showNoMatch,
  showPlan,
} from "./shared/token-change.ts";

export const examples: readonly Example[] = [
  { line: "tokctl token delete ci", title: "Delete a token after a confirmation prompt" },
  { line: "tokctl token delete ci deploy -y", title: "Delete several tokens without a prompt" },
  { line: "tokctl token delete gone --missing-ok", title: "Succeed if the token does not exist" },
  {
    line: "tokctl token delete --name 'ci-*' --dry-run",
    title: "Show the tokens that a selection would delete",
  },
  {
    line: "tokctl token delete --expired -y",
    title: "Delete all expired tokens, from a scheduled job",
    provider: "ovh-ai",
  },
];

export const seeAlso = ["token list", "logout"];

export const define: Define = (command, invocation) =>
  addSelectionOptions(
    command
      .argument("[token...]", "IDs or names; - to read tokens from stdin")
      .addOption(ownerOption())
      .addOption(roleFilterOption()),
  )
    .addOption(expiredOption())
    .addOption(allOption())
    .addOption(dryRunOption())
    .addOption(yesToManyOption())
    .addOption(missingOkOption("token"))
    .action(
      action(invocation, async (session, words, options, self) => {
        const { user: owner, yes, dryRun } = options;
        const isNamed = checkSelection(self, words, options);
        const change = { verb: "delete", isNamed, yes } as const;
        if (isNamed && !dryRun) requireYesForMany(session, words, { ...change, noun: "token" });
        const provider = session.provider();
        // Another run may have deleted a token since it was listed.
        const missingOk = options.missingOk === true || words.length === 0;
        const lookups = await selectTokensToChange(session, words, options, change);
        if (dryRun) return showPlan(provider, lookups, options, { ...change, missingOk });
        if (lookups.length === 0) return showNoMatch(provider, options);
        const tokens = await session.tokens();
        return deleteLookedUp(session, lookups, {
          noun: "token",
          missingOk,
          confirm: (found, skipped) => confirmTokenChange(session, found, change, skipped),
          remove: (token) => tokens.delete(token, owner),
          addTarget: (error) => addTargetToHint(error, session.target.options, command, invocation),
        });
      }),
    );
