import { resolve } from "node:path";
import { UsageError } from "../errors.ts";

/** @throws UsageError for what is no path of a file. */
export function parsePath(text: string): string {
  if (text === "-")
    throw new UsageError("stdout is where the secret goes without --to.", {
      hint: "Leave out --to, or write ./- for a file of that name.",
    });
  if (text.startsWith("~/"))
    throw new UsageError("the shell leaves this ~ as it is.", {
      hint: `Write "$HOME${text.slice(1)}".`,
    });
  if (text.endsWith("/")) throw new UsageError("it is a folder.", { hint: "Name a file in it." });
  return resolve(text);
}

/** `PATH#KEY`. @throws UsageError unless both are there, and KEY can name a variable. */
export function parseVariable(text: string): { readonly path: string; readonly key: string } {
  const at = text.lastIndexOf("#");
  if (at < 1)
    throw new UsageError("the file is followed by # and the name of the variable.", {
      hint: "For example .env#DEPLOY_TOKEN.",
    });
  const key = text.slice(at + 1);
  if (!isVariableName(key))
    throw new UsageError(`"${key}" can't name a variable.`, { hint: nameRule });
  return { path: parsePath(text.slice(0, at)), key };
}

export const nameRule = "Letters, digits and _ do, and no digit at the beginning.";

/** What a shell takes for the name of a variable (POSIX XBD §3.230). */
export const isVariableName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** Only a file is replaced: a device, say, would be gone for everybody. */
export const noFileError = () =>
  new UsageError("it is there, and no file.", { hint: "Name a file, or one that is to be made." });
