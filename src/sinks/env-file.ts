import { CliError } from "../errors.ts";
import type { SecretSink } from "./sink.ts";
import { type SetVariable, variableFile } from "./variable-file.ts";

/** `env-file:PATH#KEY`: a variable in a file such as `.env`. */
export const parse = (argument: string): SecretSink => variableFile(argument, setVariable);

/**
 * An assignment as the dotenv libraries read it: what stands before the value, the name, and the
 * value, which in quotes may go over several lines. A comment may follow.
 */
const assignment =
  /^([ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*)(?:'[^']*'|"(?:[^"\\]|\\[\s\S])*"|`[^`]*`|[^\r\n]*?)(?=[ \t]*(?:[ \t]#.*)?$)/gm;

/** Sets it wherever it is set already, for readers differ on which of them counts; else at the end. */
export const setVariable: SetVariable = (text, key, value) => {
  const quoted = quote(value);
  let found = false;
  const changed = text.replace(assignment, (whole, start: string, name: string) => {
    if (name !== key) return whole;
    found = true;
    return start + quoted;
  });
  if (found) return changed;
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  return `${text}${text === "" || text.endsWith("\n") ? "" : end}${key}=${quoted}${end}`;
};

/** As all readers understand it: some take quotes for a part of the value, so there are none if none are needed. */
function quote(value: string): string {
  if (/^[\w.,:/@%+=-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  if (!/["\\$`]/.test(value)) return `"${value}"`;
  throw new CliError("partial", "no kind of quotes can hold the secret.", {
    hint: "Send it to a file of its own: file:PATH.",
  });
}
