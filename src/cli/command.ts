import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import { withTarget } from "../core/target-options.ts";
import { CliError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { findFormat, parseFormat } from "../output/format.ts";
import { render } from "../output/render.ts";
import type { Result } from "../output/view.ts";
import { type GlobalOptions, openSession, type Session } from "../session/session.ts";
import { checkDashes } from "./argv.ts";
import { lineage } from "./command-tree.ts";
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
  /** The line is only parsed: whatever it names is not run. */
  readonly onlyParses?: boolean;
}

/** What a command may ask of the run that it is part of. */
export interface Invocation extends Run {
  /** Loads what a command takes and does: until it is named it has a name and a description only. */
  readonly open: (command: CommandUnknownOpts) => Promise<void>;
  /** The examples of a command that is loaded. */
  readonly examplesOf: (command: CommandUnknownOpts) => readonly Example[];
}

/** What a command's file exports. */
export interface Definition {
  readonly define: Define;
  readonly examples: readonly Example[];
}

/** Says what a command takes and does. */
export type Define = (command: Command, invocation: Invocation) => unknown;

/** A command line that help, manual and errors show. A test runs each of them. */
export interface Example {
  readonly line: string;
  readonly does: string;
  /** The provider that it is for, if it is not for all, or not for the one that people try first. */
  readonly provider?: string;
}

/**
 * Adapts a command's body, which returns its result or (where it has none) an exit code, to
 * commander, which ignores what it returns.
 */
export const action = <Args extends unknown[]>(run: Run, body: Body<Args>) =>
  adapt(run, body, parseFormat);

/**
 * The same for a command that prints text where TOKCTL_OUTPUT holds no format: one that helps to
 * mend it, or has no use for it.
 */
export const lenientAction = <Args extends unknown[]>(run: Run, body: Body<Args>) =>
  adapt(run, body, findFormat);

type Body<Args extends unknown[]> = (session: Session, ...args: Args) => Promise<Result | number>;

const adapt = <Args extends unknown[]>(
  { host, args: line, exit, onlyParses }: Run,
  body: Body<Args>,
  readFormat: typeof findFormat,
) =>
  async function (this: CommandUnknownOpts, ...args: Args): Promise<void> {
    checkDashes(this, line);
    if (onlyParses) return;
    const options = readGlobalOptions(this, host.env, readFormat);
    const session = openSession(host, options, requirements(this));
    try {
      for (const text of session.exposures()) await session.say({ text });
      const result = await body(session, ...args);
      if (typeof result === "number") exit(result);
      else await render(result, options, session.host);
    } catch (error) {
      throw error instanceof CliError ? withTarget(error, options) : error;
    } finally {
      // The secret of a new token comes first.
      await session.remember();
      session.end();
    }
  };

/** Merges what stands before, between and after the commands' names: the last one given wins. */
function readGlobalOptions(
  leaf: CommandUnknownOpts,
  env: Host["env"],
  readFormat: typeof findFormat,
): GlobalOptions {
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
    output: given.output ?? readFormat(env) ?? "text",
  };
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
