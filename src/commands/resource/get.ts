import { action } from "../../cli/command.ts";
import { show } from "../../output/view.ts";
import { type DefineFor, type ExamplesFor, openResources, sample } from "./open.ts";
import { resourceView } from "./views.ts";

export const examplesFor: ExamplesFor = (kind) => [
  { line: `tokctl ${kind} get ${sample[kind]}`, does: "by its name" },
];

export const defineFor: DefineFor = (kind) => (command, invocation) =>
  command.argument(`<${kind}>`, "its id, name, or the beginning of its id").action(
    action(invocation, async (session, reference) => {
      const { find } = await openResources(session);
      const { item } = await find(kind)(reference);
      return show(item, resourceView);
    }),
  );
