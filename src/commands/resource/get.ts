import { action } from "../../cli/command.ts";
import { show } from "../../output/view.ts";
import { openResources } from "../shared/open-resources.ts";
import { type DefineFor, type ExamplesFor, resourceView, sample } from "./shared/resources.ts";

export const examplesFor: ExamplesFor = (kind) => [
  {
    line: `tokctl ${kind} get ${sample[kind]}`,
    title: `Show ${kind === "app" ? "an" : "a"} ${kind} by name`,
  },
];

export const defineFor: DefineFor = (kind) => (command, invocation) =>
  command.argument(`<${kind}>`, "ID, name, or the first characters of the ID").action(
    action(invocation, async (session, reference) => {
      const { find } = await openResources(session);
      const { item } = await find(kind)(reference);
      return show(item, resourceView);
    }),
  );
