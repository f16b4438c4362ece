import { action } from "../../cli/command.ts";
import { addTargetToHint } from "../../cli/hint-target.ts";
import { yesToManyOption } from "../../cli/options.ts";
import { confirmAction, requireYesForMany } from "../shared/confirm-action.ts";
import { deleteMany, missingOkOption } from "../shared/delete-many.ts";
import { openResources } from "../shared/open-resources.ts";
import { type DefineFor, type ExamplesFor, sample } from "./shared/resources.ts";

export const effect = "delete";

export const examplesFor: ExamplesFor = (kind) => [
  {
    line: `tokctl ${kind} delete ${sample[kind]} -y`,
    title: `Delete ${kind === "app" ? "an" : "a"} ${kind} without a prompt`,
  },
];

export const defineFor: DefineFor = (kind) => (command, invocation) =>
  command
    .argument(`<${kind}...>`, "IDs or names")
    .addOption(yesToManyOption())
    .addOption(missingOkOption(kind))
    .action(
      action(invocation, async (session, references, { yes, missingOk }) => {
        requireYesForMany(session, references, { verb: "delete", noun: kind, yes });
        const { resources, find } = await openResources(session);
        return deleteMany(session, references, {
          noun: kind,
          missingOk,
          find: find(kind, references.length),
          confirm: (found, skipped) =>
            confirmAction(session, found, {
              verb: "delete",
              noun: kind,
              consequence: () => "This cannot be undone.",
              skipped,
              yes,
            }),
          remove: (resource) => resources.delete(resource),
          addTarget: (error) => addTargetToHint(error, session.target.options, command, invocation),
        });
      }),
    );
