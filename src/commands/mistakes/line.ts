import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { ownValue } from "../../core/own-value.ts";
import { optionTypes, tokenize } from "../argv.ts";
import { isSecretOption } from "../options.ts";

/** What is to stand in place of some words of a command line, by their index. */
export type Correction = ReadonlyMap<number, readonly string[]>;

/** Longer than anybody reads. */
const longest = 300;

/**
 * The command line that was meant, for people to copy. The credential is left out, and so is all
 * that stands behind an option that is not known, for that may be a secret too.
 */
export function correctedLine(
  args: readonly string[],
  correction: Correction,
  command: CommandUnknownOpts,
): string {
  const corrected = args.flatMap((word, i) => correction.get(i) ?? [word]);
  const types = optionTypes(command);
  const line = ["tokctl"];
  for (const token of tokenize(corrected, types)) {
    if (token.kind === "option-terminator") line.push("--");
    else if (token.kind === "positional") line.push(quote(token.value));
    else {
      const glued = token.inlineValue === true && !token.rawName.startsWith("--");
      if (!Object.hasOwn(types, token.name) || (glued && token.value.includes("="))) {
        line.push("…");
        break;
      }
      line.push(token.rawName);
      if (token.value !== undefined && ownValue(types, token.name)?.type === "string")
        line.push(isSecretOption(token.name) ? "TOKEN" : quote(token.value));
    }
  }
  const text = line.join(" ");
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** A word for a POSIX shell. */
const quote = (word: string): string =>
  /^[\w.@:,%=/+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
