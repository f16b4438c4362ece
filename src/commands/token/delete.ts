import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption, yesToManyOption } from "../../cli/options.ts";
import type { Token } from "../../core/token.ts";
import { requireYesForMany } from "../shared/confirm-action.ts";
import { deleteLookedUp, missingOkOption } from "../shared/delete-many.ts";
import { expiredOption } from "./shared/expiry-options.ts";
import type { TokenLookup } from "./shared/selection.ts";
import {
  addSelectionOptions,
  allOption,
  checkSelection,
  dryRunOption,
  roleFilterOption,
} from "./shared/selection-options.ts";
import {
  joinFailures,
  nameProfile,
  openTargets,
  requireNoNames,
  summarizeProfiles,
} from "./shared/targets.ts";
import {
  confirmTokenChange,
  selectTokensToChange,
  showNoMatch,
  showPlan,
} from "./shared/token-change.ts";

export const effect = "delete";

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
        const targets = openTargets(session, options, self, invocation);
        requireNoNames(targets, isNamed);
        if (isNamed && !dryRun) requireYesForMany(session, words, { ...change, noun: "token" });
        // Another run may have deleted a token since it was listed.
        const missingOk = options.missingOk === true || words.length === 0;
        const selection = await selectTokensToChange(targets, words, options, change);
        const { lookups } = selection;
        if (dryRun) return showPlan(targets, selection, options, { ...change, missingOk });
        if (lookups.length === 0) return showNoMatch(targets, selection, options);
        const result = await deleteLookedUp<Token, TokenLookup>(session, lookups, {
          noun: "token",
          missingOk,
          confirm: () => confirmTokenChange(targets, selection, change),
          remove: async (token, { target }) => (await target.tokens()).delete(token, owner),
          addTarget: (error, { target }) => nameProfile(target, error),
          ...(targets.isSeveral && {
            profileOf: ({ target }: TokenLookup) => target.profile,
          }),
        });
        const failure = summarizeProfiles(targets, selection.failures);
        return { ...result, failure: joinFailures(result.failure, failure) };
      }),
    );
