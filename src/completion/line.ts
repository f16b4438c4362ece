import type { CommandNode, OptionNode, ValueNode } from "./tree.ts";

/** A parsed command line up to the cursor. */
export interface Line {
  /** The innermost named command. */
  readonly command: CommandNode;
  /** All options of the command, with global options. */
  readonly options: readonly OptionNode[];
  readonly given: readonly GivenOption[];
  /** The arguments: words that are not command names, options or values of options. */
  readonly words: readonly string[];
  /** Whether a `--` ended the options. */
  readonly ended: boolean;
  /** The number of words before that `--`; of all words if there is none. */
  readonly wordsBeforeDashes: number;
  readonly slot: Slot;
}

export interface GivenOption {
  readonly option: OptionNode;
  /** Undefined for an option without a value. */
  readonly value?: string;
}

/** The word at the cursor. */
export interface Slot {
  /** The option that the word is the value of; undefined for other words. */
  readonly option?: OptionNode;
  /** The part of the word before the value: `--role=`, `-r`. */
  readonly head: string;
  readonly typed: string;
}

/** Parses the words after the program's name like commander. The last word is at the cursor. */
export function readLine(root: CommandNode, words: readonly string[]): Line {
  let command = root;
  let options = optionsOf(root, root);
  const given: GivenOption[] = [];
  const rest: string[] = [];
  let ended = false;
  let wordsBeforeDashes: number | undefined;
  let open: OptionNode | undefined;
  for (const word of words.slice(0, -1)) {
    if (open) {
      given.push({ option: open, value: word });
      open = undefined;
    } else if (ended || !isFlag(word)) {
      const named = ended || rest.length > 0 ? undefined : findCommand(command, word);
      if (named) options = optionsOf(root, named);
      else rest.push(word);
      command = named ?? command;
    } else if (word === "--") {
      ended = true;
      wordsBeforeDashes = rest.length;
    } else
      for (const { option, value } of readFlags(options, word))
        if (option.value && value === undefined) open = option;
        else given.push({ option, ...(value !== undefined && { value: value.text }) });
  }
  return {
    command,
    options,
    given,
    words: rest,
    ended,
    wordsBeforeDashes: wordsBeforeDashes ?? rest.length,
    slot: readSlot(options, words.at(-1) ?? "", open, ended),
  };
}

function readSlot(
  options: readonly OptionNode[],
  word: string,
  open: OptionNode | undefined,
  ended: boolean,
): Slot {
  if (open) return { option: open, head: "", typed: word };
  const last = ended || !isFlag(word) ? undefined : readFlags(options, word).at(-1);
  return last?.value && last.option.value
    ? { option: last.option, head: last.value.head, typed: last.value.text }
    : { head: "", typed: word };
}

/** Returns the global options, those of the command, and those of its default subcommand. */
const optionsOf = (root: CommandNode, command: CommandNode): readonly OptionNode[] => [
  ...(command.commands.find(({ names }) => names[0] === command.standard)?.options ?? []),
  ...(command === root ? [] : command.options),
  ...root.options,
];

export const findCommand = ({ commands }: CommandNode, word: string): CommandNode | undefined =>
  commands.find(({ names }) => names.includes(word));

/**
 * Returns the argument at the cursor; undefined if the command has none there. The argument `program`
 * is at the end of a command line, after `--`.
 */
export const currentArgument = ({ command, words, ended }: Line): ValueNode | undefined => {
  const last = command.arguments.at(-1);
  if (ended && last?.kind === "program") return last;
  const argument = command.arguments[words.length] ?? (last?.variadic ? last : undefined);
  return argument?.kind === "program" && words.length > 0 ? undefined : argument;
};

const isFlag = (word: string): boolean => word.startsWith("-") && word !== "-";

interface Flag {
  readonly option: OptionNode;
  /** The value attached to the option, and the part of the word before it. */
  readonly value?: { readonly head: string; readonly text: string };
}

/** Returns the options in one word: `--role=read`, `--yes`, `-rread`, `-qy`. Ignores unknown options. */
function readFlags(options: readonly OptionNode[], word: string): readonly Flag[] {
  const find = (flag: string) => options.find(({ flags }) => flags.includes(flag));
  if (word.startsWith("--")) {
    const at = word.indexOf("=");
    const option = find(at < 0 ? word : word.slice(0, at));
    if (!option) return [];
    return [at < 0 ? { option } : { option, value: glued(word, at + 1) }];
  }
  const flags: Flag[] = [];
  for (let at = 1; at < word.length; at++) {
    const option = find(`-${word[at]}`);
    if (!option) return flags;
    if (option.value && at + 1 < word.length)
      return [...flags, { option, value: glued(word, at + 1) }];
    flags.push({ option });
  }
  return flags;
}

const glued = (word: string, at: number) => ({ head: word.slice(0, at), text: word.slice(at) });
