import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ownValue, quoteWord } from "../../core/text.ts";
import { optionTypes, tokenize } from "../argv.ts";
import { isSecretOption } from "../options.ts";

/** What is to stand in place of some words of a command line, by their index. */
export type Correction = ReadonlyMap<number, readonly string[]>;

/** Longer than anybody reads. */
const longest = 300;

/** A command line that may be meant. */
export interface Suggestion {
  /** For people to copy. */
  readonly text: string;
  readonly args: readonly string[];
}

/**
 * The command line that was meant. The credential stands in it as TOKEN.
 * @returns undefined if a part of it can't be shown: what stands behind an unknown option may be a
 * secret, and nobody reads a line that is very long.
 */
export function correctedLine(
  args: readonly string[],
  correction: Correction,
  command: CommandUnknownOpts,
): Suggestion | undefined {
  const corrected = args.flatMap((word, i) => correction.get(i) ?? [word]);
  const types = optionTypes(command);
  const line: string[] = [];
  for (const token of tokenize(corrected, types)) {
    if (token.kind === "option-terminator") line.push("--");
    else if (token.kind === "positional") line.push(token.value);
    else {
      const glued = token.inlineValue === true && !token.rawName.startsWith("--");
      const type = ownValue(types, token.name)?.type;
      if (!type || (glued && token.value.includes("="))) return undefined;
      line.push(token.rawName);
      if (token.value !== undefined && type === "string")
        line.push(isSecretOption(token.name) ? "TOKEN" : token.value);
    }
  }
  const text = ["tokctl", ...line.map(quoteWord)].join(" ");
  return text.length > longest ? undefined : { text, args: line };
}
