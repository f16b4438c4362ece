import { Option } from "@commander-js/extra-typings";
import { action } from "../../cli/command.ts";
import type { ResourceLabels } from "../../core/resource.ts";
import { validateLabel } from "../../core/validation.ts";
import { UsageError } from "../../errors.ts";
import { show } from "../../output/view.ts";
import { openResources } from "../shared/open-resources.ts";
import { type DefineFor, type ExamplesFor, resourceView, sample } from "./shared/resources.ts";

export const effect = "change";

export const examplesFor: ExamplesFor = (kind) => [
  {
    line: `tokctl ${kind} set-label ${sample[kind]} group A`,
    title: "Let tokens limited to group=A access it",
  },
  { line: `tokctl ${kind} set-label ${sample[kind]} group --delete`, title: "Remove the label" },
];

export const defineFor: DefineFor = (kind) => (command, invocation) =>
  command
    .argument(`<${kind}>`, "ID, name, or the first characters of the ID")
    .argument("<name>", "Name of the label")
    .argument("[value]", "Value of the label")
    .addOption(new Option("--delete", "Remove the label"))
    .action(
      action(invocation, async (session, reference, name, value, options) => {
        if ((value === undefined) !== (options.delete === true))
          throw new UsageError(
            value === undefined
              ? `Missing value of the label "${name}".`
              : "--delete does not take a value.",
            {
              hint: [
                `Set it: tokctl ${kind} set-label ${kind.toUpperCase()} NAME VALUE`,
                `Remove it: tokctl ${kind} set-label ${kind.toUpperCase()} NAME --delete`,
              ],
            },
          );
        validateLabel(session.provider(), { name, value });
        const { resources, find } = await openResources(session);
        const { item } = await find(kind)(reference);
        await resources.setLabel(item, name, value);
        // Not fetched again: without the label, this credential may have no access to it.
        return show({ ...item, labels: withLabel(item.labels, name, value) }, resourceView);
      }),
    );

function withLabel(
  labels: ResourceLabels,
  name: string,
  value: string | undefined,
): ResourceLabels {
  const { [name]: _, ...others } = labels;
  return value === undefined ? others : { ...others, [name]: value };
}
