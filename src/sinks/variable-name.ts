import { UsageError } from "../errors.ts";

/**
 * Returns a text if a shell accepts it as the name of a variable.
 * @throws UsageError if it does not
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap03.html#tag_03_216
 */
export function parseVariableName(text: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(text))
    throw new UsageError(`"${text}" is not a valid variable name.`, {
      hint: "Use letters, digits and _, and don't start with a digit.",
    });
  return text;
}
