import type { CommandNode, OptionNode, ValueNode } from "./tree.ts";

/** A command line up to the cursor, read without running anything. */
export interface Line {
  /** The innermost command that is named. */
  readonly command: CommandNode;
  /** Every option it takes. */
  readonly options: readonly OptionNode[];
  readonly given: readonly GivenOption[];
  /** The words that name no command and belong to no option. */
  readonly words: readonly string[];
  /** No option can follow: there was a `--`. */
  readonly ended: boolean;
  readonly slot: Slot;
}

export interface GivenOption {
  readonly option: OptionNode;
  /** Absent from a switch. */
  readonly value?: string;
}

/** What is being typed. */
export interface Slot {
  /** The option whose value it is; otherwise it is an option, a command or an argument. */
  readonly option?: OptionNode;
  /** What of the word stands before that value: `--role=`, `-r`. */
  readonly head: string;
  readonly typed: string;
}

/** Reads the words after the program's name as commander would; the last one is being typed. */
export function readLine(root: CommandNode, words: readonly string[]): Line {
  let command = root;
  let options = optionsOf(root, root);
  const given: GivenOption[] = [];
  const rest: string[] = [];
  let ended = false;
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
    } else if (word === "--") ended = true;
    else
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

/** What every command takes, what this one takes, and what the one takes that runs in its place. */
const optionsOf = (root: CommandNode, command: CommandNode): readonly OptionNode[] => [
  ...(command.commands.find(({ names }) => names[0] === command.standard)?.options ?? []),
  ...(command === root ? [] : command.options),
  ...root.options,
];

export const findCommand = ({ commands }: CommandNode, word: string): CommandNode | undefined =>
  commands.find(({ names }) => names.includes(word));

/** The argument that stands at a place, if the command takes one there. */
export const argumentAt = (command: CommandNode, index: number): ValueNode | undefined => {
  const last = command.arguments.at(-1);
  return command.arguments[index] ?? (last?.variadic ? last : undefined);
};

const isFlag = (word: string): boolean => word.startsWith("-") && word !== "-";

interface Flag {
  readonly option: OptionNode;
  /** What is glued to it, and what stands before that. */
  readonly value?: { readonly head: string; readonly text: string };
}

/** The options in one word: `--role=read`, `--yes`, `-rread`, `-qy`. Unknown ones are passed over. */
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
