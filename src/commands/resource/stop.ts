import { action } from "../../cli/command.ts";
import { yesOption } from "../../cli/options.ts";
import { confirmAction } from "../shared/confirm-action.ts";
import { openResources } from "../shared/open-resources.ts";
import { type DefineFor, type ExamplesFor, sample, showUpdated } from "./shared/resources.ts";

export const effect = "stop";

export const examplesFor: ExamplesFor = (kind) => [
  {
    line: `tokctl ${kind} stop ${sample[kind]} -y`,
    title: `Stop ${kind === "app" ? "an" : "a"} ${kind} without a prompt`,
  },
];

export const defineFor: DefineFor = (kind) => (command, invocation) =>
  command
    .argument(`<${kind}>`, "ID or name")
    .addOption(yesOption())
    .action(
      action(invocation, async (session, reference, { yes }) => {
        const { resources, find } = await openResources(session);
        const found = await find(kind)(reference);
        await confirmAction(session, [found], {
          verb: "stop",
          noun: kind,
          consequence: () => "It becomes unavailable until it is started again.",
          yes,
        });
        await resources.stop(found.item);
        return showUpdated(resources, found.item);
      }),
    );
