import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { action } from "../../cli/command.ts";
import { selectorForm } from "../../cli/options.ts";
import { describeResource, type ResourceKind } from "../../core/resource.ts";
import { parseSelector, type Selector } from "../../core/token.ts";
import { validateLabel } from "../../core/validation.ts";
import { UsageError } from "../../errors.ts";
import { show } from "../../output/view.ts";
import { openResources } from "../shared/open-resources.ts";
import { type DefineFor, type ExamplesFor, resourceView } from "./shared/resources.ts";

export const effect = "create";

export const examplesFor: ExamplesFor = (kind) => [
  {
    line: `tokctl ${kind} run ubuntu -l group=A`,
    title: `Create ${kind === "app" ? "an" : "a"} ${kind} that tokens limited to group=A can access`,
  },
];

export const defineFor: DefineFor = (kind) => (command, invocation) =>
  command
    .usage(kind === "notebook" ? "[options] [image]" : "[options] <image> [-- <command>...]")
    .argument("[image]", "Container image")
    .argument("[words...]", "")
    .addOption(
      new Option("-l, --label <name=value>", "Label to set (repeatable)").argParser(labels),
    )
    .addOption(new Option("--name <name>", "Name (default: chosen by the platform)"))
    .action(
      action(invocation, async (session, image, words, { label = [], name }) => {
        for (const each of label) validateLabel(session.provider(), each);
        if (name === "")
          throw new UsageError("--name is empty.", {
            hint: "Omit --name to let the platform choose a name.",
          });
        checkWords(kind, image, words, invocation.args);
        const { resources } = await openResources(session);
        const resource = await resources.run(kind, {
          image,
          name,
          labels: Object.fromEntries(label.map((each) => [each.name, each.value])),
          command: words,
        });
        return show(resource, resourceView, {
          notes: [{ text: `Created ${describeResource(resource)}.` }],
        });
      }),
    );

/** @throws UsageError if the image is missing or after `--`, or a notebook gets a command. */
function checkWords(
  kind: ResourceKind,
  image: string | undefined,
  words: readonly string[],
  args: readonly string[],
): void {
  const isBehindDashes = image !== undefined && args.at(-2 - words.length) === "--";
  if (isBehindDashes || image === "" || (image === undefined && kind !== "notebook"))
    throw new UsageError(
      isBehindDashes
        ? `Missing argument IMAGE: "${image}" after -- is read as the command.`
        : `Missing argument IMAGE of the ${kind}.`,
      { hint: `Put the image before --: tokctl ${kind} run IMAGE -- COMMAND…` },
    );
  if (kind === "notebook" && words.length > 0)
    throw new UsageError("A notebook does not take a command.", {
      hint: "Omit the words after --.",
    });
}

/** Parses one more --label `name=value`. */
function labels(text: string, previous: readonly Selector[] = []): readonly Selector[] {
  const label = parseSelector(text);
  if (!label) throw new InvalidArgumentError(selectorForm);
  if (previous.some(({ name }) => name === label.name))
    throw new InvalidArgumentError(`The label "${label.name}" is set twice.`);
  return [...previous, label];
}
