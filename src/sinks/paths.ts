import { resolve } from "node:path";
import { UsageError } from "../errors.ts";

/** Returns the absolute path of a file. @throws UsageError for `-`, `~/…` and a path that ends in `/` */
export function parsePath(text: string): string {
  if (text === "-")
    throw new UsageError("- is not a file: without --to, the secret goes to stdout.", {
      hint: "Omit --to, or write ./- for a file of that name.",
    });
  if (text.startsWith("~/"))
    throw new UsageError("the shell does not expand this ~.", {
      hint: `Write "$HOME${text.slice(1)}".`,
    });
  if (text.endsWith("/"))
    throw new UsageError("it is a directory.", { hint: "Specify a file in the directory." });
  return resolve(text);
}

/** Parses `PATH#KEY`. @throws UsageError if one is missing, or KEY is not a variable name */
export function parseVariable(text: string): { readonly path: string; readonly key: string } {
  const at = text.lastIndexOf("#");
  if (at < 1)
    throw new UsageError("# and the name of the variable are missing after the path.", {
      hint: "For example .env#DEPLOY_TOKEN.",
    });
  const key = text.slice(at + 1);
  if (!isVariableName(key))
    throw new UsageError(`"${key}" is not a valid variable name.`, { hint: variableNameRule });
  return { path: parsePath(text.slice(0, at)), key };
}

/** The syntax of a variable name, for hints. */
export const variableNameRule = "Use letters, digits and _, and don't start with a digit.";

/**
 * Returns whether a shell accepts a text as the name of a variable.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap03.html#tag_03_216
 */
export const isVariableName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** Returns the error for a directory, a device or a pipe, which must not be replaced by a file. */
export const notRegularFileError = () =>
  new UsageError("it is not a regular file.", { hint: "Name a file, or a path of a new one." });
