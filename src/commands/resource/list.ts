import { Option } from "@commander-js/extra-typings";
import { action } from "../../cli/command.ts";
import { parseSelectorOption } from "../../cli/options.ts";
import { byCreation } from "../../core/filter.ts";
import { formatSelector } from "../../core/token.ts";
import { validateSelector } from "../../core/validation.ts";
import { countNotes, show } from "../../output/view.ts";
import { openResources } from "../shared/open-resources.ts";
import { type DefineFor, type ExamplesFor, resourcesView } from "./shared/resources.ts";

export const examplesFor: ExamplesFor = (kind) => [
  { line: `tokctl ${kind} list`, title: `List all ${kind}s` },
  {
    line: `tokctl ${kind} list --label group=A -o json`,
    title: `List ${kind}s with a label, as JSON`,
  },
];

export const defineFor: DefineFor = (kind) => (command, invocation) =>
  command
    .addOption(
      new Option("--label <name=value>", "Only resources with this label").argParser(
        parseSelectorOption,
      ),
    )
    .action(
      action(invocation, async (session, { label }) => {
        if (label) validateSelector(session.provider(), label);
        const { provider, resources } = await openResources(session);
        const found = await resources.list(kind, label && formatSelector(label));
        return show(found.toSorted(byCreation), resourcesView(provider), {
          notes: countNotes({ shown: found.length, of: found.length }, kind),
        });
      }),
    );
