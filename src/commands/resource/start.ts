import { action } from "../../cli/command.ts";
import { openResources } from "../shared/open-resources.ts";
import { type DefineFor, type ExamplesFor, sample, showUpdated } from "./shared/resources.ts";

export const effect = "change";

export const examplesFor: ExamplesFor = (kind) => [
  {
    line: `tokctl ${kind} start ${sample[kind]}`,
    title: `Start ${kind === "app" ? "an" : "a"} ${kind} by name`,
  },
];

export const defineFor: DefineFor = (kind) => (command, invocation) =>
  command.argument(`<${kind}>`, "ID, name, or the first characters of the ID").action(
    action(invocation, async (session, reference) => {
      const { resources, find } = await openResources(session);
      const { item } = await find(kind)(reference);
      await resources.start(item);
      return showUpdated(resources, item);
    }),
  );
