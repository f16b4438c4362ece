import { Option } from "@commander-js/extra-typings";
import { type Found, tokenFinder } from "../../core/find.ts";
import { CliError, InterruptedError, NotFoundError, toErrorData } from "../../errors.ts";
import { show } from "../../output/view.ts";
import { action, type Define } from "../command.ts";
import { ownerOption, yesOption } from "../options.ts";
import { requireConsent } from "./consent.ts";
import { type Deletion, deletionsView } from "./views.ts";

export const define: Define = (command, invocation) =>
  command
    .argument("<token...>", "their ids or names")
    .addOption(ownerOption())
    .addOption(yesOption())
    .addOption(new Option("--missing-ok", "a token that is not there is no failure"))
    .action(
      action(invocation, async (context, references, { user, yes, missingOk = false }) => {
        const provider = context.provider();
        const tokens = await context.tokens();
        const find = tokenFinder(provider, tokens, user);
        const targets = new Map<string, Found | CliError>();
        for (const reference of new Set(references))
          targets.set(reference, await find(reference).catch(toFailure));
        const found = [...targets.values()].flatMap((target) =>
          target instanceof CliError ? [] : [target],
        );
        if (found.length > 0) await requireConsent(context, tokens, found, { verb: "Delete", yes });

        const deletions: Deletion[] = [];
        const errors: CliError[] = [];
        const fail = (id: string | null, name: string | null, error: CliError): void => {
          // A server's "not found" may be about something else, such as the user: it does not count.
          const accepted = missingOk && error instanceof NotFoundError;
          if (!accepted) errors.push(error);
          deletions.push({
            id,
            name,
            deleted: false,
            ...(!accepted && { error: toErrorData(error) }),
          });
        };
        const tried = new Set<string>();
        for (const [reference, target] of targets)
          if (target instanceof CliError) fail(null, reference, target);
          else if (!tried.has(target.token.id)) {
            const { id, name } = target.token;
            tried.add(id);
            const error = await tokens.delete(target.token, user).catch(toFailure);
            if (error) fail(id, name, error);
            else deletions.push({ id, name, deleted: true });
          }

        if (targets.size === 1 && errors[0]) throw errors[0];
        return show(deletions, deletionsView, {
          items: deletions.filter(({ deleted }) => deleted),
          failure: summarise(errors, deletions.length),
        });
      }),
    );

/** What one token met must not keep the others from being tried; a bug must. */
function toFailure(error: unknown): CliError {
  if (error instanceof CliError) return error;
  throw error;
}

/** One error for all of them; an interruption outranks the rest, for it explains them. */
const summarise = (errors: readonly CliError[], total: number): CliError | undefined =>
  errors.length === 0
    ? undefined
    : (errors.find((error) => error instanceof InterruptedError) ??
      new CliError("partial", `${errors.length} of ${total} tokens were not deleted.`, {
        hint: errors.flatMap(({ message, hint = [] }) => [
          message,
          ...[hint].flat().map((line) => `  ${line}`),
        ]),
      }));
