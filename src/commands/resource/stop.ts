import { action } from "../../cli/command.ts";
import { yesOption } from "../../cli/options.ts";
import { confirmAction } from "../confirmation.ts";
import { type DefineFor, type ExamplesFor, openResources, sample } from "./open.ts";
import { showAnew } from "./views.ts";

export const examplesFor: ExamplesFor = (kind) => [
  { line: `tokctl ${kind} stop ${sample[kind]} -y`, title: "Without a confirmation prompt" },
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
          verb: "Stop",
          noun: kind,
          consequence: () => "What it serves can't be reached from then on.",
          yes,
        });
        await resources.stop(found.item);
        return showAnew(resources, found.item);
      }),
    );
