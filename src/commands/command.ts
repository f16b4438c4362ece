import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import { type Context, createContext, type GlobalOptions } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type Format, formats, render } from "../output/render.ts";
import type { Result } from "../output/view.ts";
import { ProviderOption } from "./options.ts";

/** One run of the program. */
export interface Run {
  readonly host: Host;
  /** The words of the command line, as they were typed. */
  readonly args: readonly string[];
  /** Says which exit code a command without a result ends with. */
  readonly exit: (code: number) => void;
  /** Takes the help that is asked for. */
  readonly help: (text: string) => void;
}

/** What a command may ask of the run that it is part of. */
export interface Invocation extends Run {
  /** Loads what a command takes and does: until it is named it has a name and a description only. */
  readonly open: (command: CommandUnknownOpts) => Promise<void>;
}

/** Says what a command takes and does; each command's file exports one under the name `define`. */
export type Define = (command: Command, invocation: Invocation) => unknown;

/**
 * Adapts a command's body, which returns its result or (where it has none) an exit code, to
 * commander, which ignores what it returns.
 */
export const action = <Args extends unknown[]>(
  { host, exit }: Run,
  body: (context: Context, ...args: Args) => Promise<Result | number>,
) =>
  async function (this: CommandUnknownOpts, ...args: Args): Promise<void> {
    const options = readGlobalOptions(this, host.env);
    const context = createContext(host, options, requirements(this));
    const result = await body(context, ...args);
    if (typeof result === "number") exit(result);
    else await render(result, options, host);
  };

/** Merges what stands before, between and after the commands' names: the last one given wins. */
function readGlobalOptions(leaf: CommandUnknownOpts, env: Host["env"]): GlobalOptions {
  const given: Partial<GlobalOptions> = Object.assign(
    {},
    ...lineage(leaf).map((each) =>
      Object.fromEntries(
        Object.entries(each.opts()).filter(([key]) => each.getOptionValueSource(key) === "cli"),
      ),
    ),
  );
  return {
    quiet: false,
    color: true,
    debug: false,
    ...given,
    output: given.output ?? formatOf(env),
  };
}

/** A command and those above it, the root first. */
const lineage = (leaf: CommandUnknownOpts): readonly CommandUnknownOpts[] => [
  ...(leaf.parent ? lineage(leaf.parent) : []),
  leaf,
];

function formatOf({ TOKCTL_OUTPUT: wanted }: Host["env"]): Format {
  const format = formats.find((known) => known === (wanted || "text"));
  if (!format)
    throw new UsageError(`TOKCTL_OUTPUT is "${wanted}", which is no output format.`, {
      hint: `The formats are ${formats.join(", ")}.`,
    });
  return format;
}

const requirements = (leaf: CommandUnknownOpts) =>
  lineage(leaf).flatMap((each) =>
    each.options.flatMap((option) =>
      option instanceof ProviderOption &&
      each.getOptionValueSource(option.attributeName()) === "cli"
        ? [{ flag: option.long ?? option.flags, capability: option.capability }]
        : [],
    ),
  );
