import type { Capability } from "../core/provider.ts";

/** A command as plain data for completion, generated from its definition. */
export interface CommandNode {
  /** The name, then the aliases. */
  readonly names: readonly string[];
  readonly description: string;
  /** The options of the command, without global options. */
  readonly options: readonly OptionNode[];
  readonly arguments: readonly ArgumentNode[];
  readonly commands: readonly CommandNode[];
  /** The subcommand that runs by default. */
  readonly standard?: string;
}

/** The root command. */
export interface CommandTree extends CommandNode {
  /** The help topics. */
  readonly pages: readonly { readonly name: string; readonly description: string }[];
}

export interface OptionNode {
  /** The names with dashes: `-p`, `--profile`. Completion offers the last one. */
  readonly flags: readonly string[];
  /** The name of its value in the parsed options. Synonyms of an option share it. */
  readonly name: string;
  readonly description: string;
  /** Undefined for an option without a value. */
  readonly value?: ValueNode;
  readonly repeats: boolean;
  /** Accepted but not offered. */
  readonly hidden: boolean;
  /** The capability that the provider must support. */
  readonly capability?: Capability;
}

/** The value of an option or argument. */
export interface ValueNode {
  /** The placeholder between `<` and `>`, which selects the candidates. */
  readonly kind: string;
  /** All valid values, if they are fixed. */
  readonly choices?: readonly string[];
}

export interface ArgumentNode extends ValueNode {
  readonly variadic: boolean;
}
