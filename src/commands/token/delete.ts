import { Option } from "@commander-js/extra-typings";
import { type Found, tokenFinder } from "../../core/find.ts";
import { CliError, InterruptedError, toErrorData } from "../../errors.ts";
import { show } from "../../output/view.ts";
import { action, command, type Invocation } from "../command.ts";
import { ownerOption, yesOption } from "../options.ts";
import { requireConsent } from "./consent.ts";
import { type Deletion, deletionsView } from "./views.ts";

export const deleteCommand = (invocation: Invocation) =>
  command("delete", "Delete tokens: their secrets stop working")
    .aliases(["rm", "revoke"])
    .argument("<token...>", "their ids or names")
    .addOption(ownerOption())
    .addOption(yesOption())
    .addOption(new Option("--missing-ok", "a token that is not there is no failure"))
    .action(
      action(invocation, async (context, references, { user, yes, missingOk }) => {
        const provider = context.provider();
        const tokens = await context.tokens();
        const find = tokenFinder(provider, tokens, user);
        const deletions: Deletion[] = [];
        const errors: CliError[] = [];
        const keep = (id: string | null, name: string | null, error: unknown) => {
          if (!(error instanceof CliError)) throw error;
          const accepted = missingOk && error.code === "not_found";
          if (!accepted) errors.push(error);
          deletions.push({
            id,
            name,
            deleted: false,
            ...(!accepted && { error: toErrorData(error) }),
          });
        };

        const found = new Map<string, Found>();
        for (const reference of new Set(references))
          try {
            const match = await find(reference);
            found.set(match.token.id, match);
          } catch (error) {
            keep(null, reference, error);
          }
        if (found.size > 0)
          await requireConsent(context, tokens, [...found.values()], { verb: "Delete", yes });
        for (const { token } of found.values())
          try {
            await tokens.delete(token, user);
            deletions.push({ id: token.id, name: token.name, deleted: true });
          } catch (error) {
            keep(token.id, token.name, error);
          }

        if (references.length === 1 && errors[0]) throw errors[0];
        return show(deletions, deletionsView, {
          items: deletions.filter(({ deleted }) => deleted),
          failure: summarise(errors, deletions.length),
        });
      }),
    );

/** One error for all of them; an interruption outranks the rest, for it explains them. */
const summarise = (errors: readonly CliError[], total: number): CliError | undefined =>
  errors.length === 0
    ? undefined
    : (errors.find((error) => error instanceof InterruptedError) ??
      new CliError("partial", `${errors.length} of ${total} tokens were not deleted.`, {
        hint: errors
          .map(({ message, hint }) => [message, hint].filter(Boolean).join(" "))
          .join("\n"),
      }));
