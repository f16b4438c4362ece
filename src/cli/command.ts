import type { Command, CommandUnknownOpts } from "@commander-js/extra-typings";
import { openProfiles } from "../config/profiles.ts";
import { CliError } from "../errors.ts";
import type { Host } from "../host.ts";
import { render } from "../output/render.ts";
import { findFormat, parseFormat, type Result } from "../output/view.ts";
import { findExposedFiles } from "../session/input-files.ts";
import { type GlobalOptions, openSession, type Session } from "../session/session.ts";
import { resolveTarget } from "../session/target/target.ts";
import { checkDashes } from "./argv.ts";
import { lineage } from "./command-tree.ts";
import { addTargetToHint, type CommandAccess } from "./hint-target.ts";
import { ProviderOption } from "./options.ts";

/** One run of the program. */
export interface Run {
  readonly host: Host;
  /** The command line without the name of the program. */
  readonly args: readonly string[];
  /** All commands; their files are loaded on demand. */
  readonly commandList: readonly ListedCommand[];
  /** Sets the exit code of a command that has no result. */
  readonly exit: (code: number) => void;
  /** Receives the text of a help page. */
  readonly help: (text: string) => void;
  /** Whether to parse the command line without running the command. */
  readonly onlyParses?: boolean;
}

/** A run, with access to the other commands. */
export interface Invocation extends Run, CommandAccess {
  /** Returns the examples of a loaded command. */
  readonly examplesOf: (command: CommandUnknownOpts) => readonly Example[];
}

/** What a command does to tokens, resources, profiles or credentials. A suggestion never changes it. */
export type CommandEffect = "read" | "create" | "change" | "stop" | "renew" | "delete";

/** The exports of a command's file. */
export interface Definition {
  /** Absent for a command that reads. */
  readonly effect?: CommandEffect;
  readonly define: Define;
  readonly examples: readonly Example[];
  /** Related help pages and commands without `tokctl`: `help scopes`, `token renew`. */
  readonly seeAlso?: readonly string[];
}

/** A command as its parent's help shows it: its name, aliases and description. */
interface Named {
  readonly names: readonly [string, ...string[]];
  readonly description: string;
  /** The heading above the command on the help page of its parent. */
  readonly group?: string;
  /** The command, or each command of the group, acts on the target: hints that name it get its options. */
  readonly usesTarget?: boolean;
}

/** A command with an action; its file is loaded on demand. */
export interface ListedVerb extends Named {
  readonly load: () => Promise<Definition>;
}

/** A command with subcommands; without one it shows help, or runs `standard`. */
export interface ListedGroup extends Named {
  readonly entries: readonly ListedCommand[];
  readonly standard?: string;
}

/** A command or a group of commands. */
export type ListedCommand = ListedVerb | ListedGroup;

/** Adds arguments, options and an action to a command. */
export type Define = (command: Command, invocation: Invocation) => unknown;

/** A command line in help, man pages and errors. A test runs each of them. */
export interface Example {
  readonly line: string;
  readonly title: string;
  /** The ID of the provider, if the example works with one provider only. */
  readonly provider?: string;
}

/** Adapts the body of a command, which returns a result or an exit code, to commander. */
export const action = <Args extends unknown[]>(invocation: Invocation, body: Body<Args>) =>
  adapt(invocation, body, parseFormat);

/**
 * Like `action`, but treats an invalid TOKCTL_OUTPUT as text. For commands that help to fix it, or
 * don't use it.
 */
export const lenientAction = <Args extends unknown[]>(invocation: Invocation, body: Body<Args>) =>
  adapt(invocation, body, findFormat);

type Body<Args extends unknown[]> = (session: Session, ...args: Args) => Promise<Result | number>;

const adapt = <Args extends unknown[]>(
  invocation: Invocation,
  body: Body<Args>,
  readFormat: typeof findFormat,
) =>
  async function (this: CommandUnknownOpts, ...args: Args): Promise<void> {
    const { host, args: line, exit, onlyParses } = invocation;
    checkDashes(this, line);
    if (onlyParses) return;
    const options = readGlobalOptions(this, host.env, readFormat);
    const target = resolveTarget({
      options,
      env: host.env,
      profiles: openProfiles(host),
      requirements: requirements(this),
    });
    const session = openSession(target, options, host);
    try {
      for (const text of findExposedFiles(options, host)) await session.say({ text });
      const result = await body(session, ...args);
      if (typeof result === "number") exit(result);
      else await render(result, options, session.host);
    } catch (error) {
      throw error instanceof CliError
        ? await addTargetToHint(error, target.options, this, invocation)
        : error;
    } finally {
      // The secret of a new token has been printed by now.
      await session.close();
    }
  };

/** Merges the global options before, between and after the command names; the last value wins. */
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
