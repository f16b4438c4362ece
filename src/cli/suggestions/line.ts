import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { quoteWord } from "../../core/quoting.ts";
import { ownValue } from "../../core/text.ts";
import { optionTypes, tokenize } from "../argv.ts";
import { isSecretOption } from "../options.ts";

/** Replacement words by the index of the word that they replace. */
export type Correction = ReadonlyMap<number, readonly string[]>;

/** Longer command lines are not suggested. */
const longest = 300;

/** A corrected command line. */
export interface Suggestion {
  /** The quoted command line, to copy. */
  readonly text: string;
  readonly args: readonly string[];
}

/**
 * Returns the corrected command line, with the credential replaced by TOKEN.
 * @returns undefined for a very long line, or if a value after an unknown option may be a secret.
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
