import { currentArgument } from "./line.ts";
import type { OptionNode, ValueNode } from "./tree.ts";
import {
  behindColon,
  type Candidate,
  type CompletionRequest,
  commandsOf,
  sources,
} from "./values.ts";

/**
 * The candidates at the cursor. After `unfinished` ones, the shell inserts no space. It completes
 * files and programs itself.
 */
export interface CompletionAnswer {
  readonly kind: "words" | "unfinished" | "files" | "programs";
  /** The part of the word before the candidate: `--role=`. */
  readonly head: string;
  readonly candidates: readonly Candidate[];
}

/** Returns the candidates at the cursor. */
export async function suggest(asked: CompletionRequest): Promise<CompletionAnswer> {
  const { slot, words, command, ended } = asked.line;
  if (slot.option?.value) return complete(slot.option.value, asked);
  if (!ended && slot.typed.startsWith("-")) return choose(options(asked));
  const next = currentArgument(asked.line);
  // `-` for stdin is not offered.
  const argument = next?.kind === "-" ? undefined : next;
  const answer = argument
    ? await complete(argument, asked)
    : choose(words.length === 0 && !ended ? commandsOf(command, slot.typed) : []);
  const takesWords = argument !== undefined || command.commands.length > 0;
  // A command without arguments offers its options.
  return takesWords || ended || slot.typed !== "" ? answer : choose(options(asked));
}

const choose = (candidates: readonly Candidate[], head = ""): CompletionAnswer => ({
  kind: candidates.some(({ noSpace }) => noSpace) ? "unfinished" : "words",
  head,
  candidates,
});

async function complete(
  { kind, choices }: ValueNode,
  asked: CompletionRequest,
): Promise<CompletionAnswer> {
  const { slot, words, wordsBeforeDashes } = asked.line;
  const own = (kind: "files" | "programs", head = slot.head) => ({ kind, head, candidates: [] });
  const behind = kind === "destination" ? behindColon(slot.typed) : undefined;
  if (behind) return own(behind.kind, `${slot.head}${behind.head}`);
  if (kind === "path") return own("files");
  if (kind === "program") return own(words.length > wordsBeforeDashes ? "files" : "programs");
  const known = choices?.map((value) => ({ value })) ?? sources[kind]?.(asked) ?? [];
  return choose(await known, slot.head);
}

/** Returns the options that the provider supports and that are not on the command line yet. */
function options({
  line: { options, given, slot },
  target,
}: CompletionRequest): readonly Candidate[] {
  const provider = target.provider();
  const isOffered = ({ hidden, repeats, name, capability }: OptionNode) =>
    !hidden &&
    (repeats || !given.some(({ option }) => option.name === name)) &&
    (!capability || !provider || provider.supports[capability]);
  // The long name, unless the short one is already typed.
  const flagOf = ({ flags }: OptionNode) =>
    flags.find((flag) => flag === slot.typed) ?? flags.at(-1) ?? "";
  return options
    .filter(isOffered)
    .map((option) => ({ value: flagOf(option), description: option.description }));
}
