import type { Capability } from "../core/supports.ts";

/** A command as completion knows it: read off the real one, so that it can't say anything else. */
export interface CommandNode {
  /** Its own name, then its aliases. */
  readonly names: readonly string[];
  readonly description: string;
  /** What it takes besides what the root takes, which every command does. */
  readonly options: readonly OptionNode[];
  readonly arguments: readonly ArgumentNode[];
  readonly commands: readonly CommandNode[];
  /** The one that runs where none is named. */
  readonly standard?: string;
}

/** All of them, from the root. */
export interface CommandTree extends CommandNode {
  /** What `help` shows besides commands. */
  readonly pages: readonly { readonly name: string; readonly description: string }[];
}

export interface OptionNode {
  /** `-p`, `--profile`; the last is the one that is offered. */
  readonly flags: readonly string[];
  /** What it sets: the same for another spelling. */
  readonly name: string;
  readonly description: string;
  /** Absent from a switch. */
  readonly value?: ValueNode;
  readonly repeats: boolean;
  /** Understood, but not offered. */
  readonly hidden: boolean;
  /** What a provider must support for it. */
  readonly capability?: Capability;
}

/** What can be said in a place of the line. */
export interface ValueNode {
  /** The word between `<` and `>`: it is what completion goes by. */
  readonly kind: string;
  /** All there is to choose from, if that is fixed. */
  readonly choices?: readonly string[];
}

export interface ArgumentNode extends ValueNode {
  readonly variadic: boolean;
}
