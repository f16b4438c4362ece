import type { Host, OutputStream } from "../host.ts";

/** Functions that color text for a stream; they return it unchanged in a pipe or without color. */
export interface Style {
  readonly heading: (text: string) => string;
  readonly error: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly success: (text: string) => string;
}

const plain: Style = { heading: String, error: String, warning: String, success: String };

/**
 * Creates the style for a stream. Colors depend on `--no-color`, NO_COLOR (no-color.org),
 * FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR (bixense.com/clicolors) and TERM=dumb, in this order of
 * precedence.
 */
export async function createStyle(
  sink: Pick<OutputStream, "isTTY">,
  env: Host["env"],
  color: boolean,
): Promise<Style> {
  if (!color || !wantsColor(sink, env)) return plain;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  // Wrapped in functions of one parameter, because chalk prints every argument that map() passes.
  return {
    heading: (text) => chalk.bold(text),
    error: (text) => chalk.red(text),
    warning: (text) => chalk.yellow(text),
    success: (text) => chalk.green(text),
  };
}

/** Whether the environment allows colors on this stream. */
function wantsColor(
  { isTTY }: Pick<OutputStream, "isTTY">,
  { NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM }: Host["env"],
): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (CLICOLOR_FORCE && CLICOLOR_FORCE !== "0") return true;
  return isTTY === true && CLICOLOR !== "0" && TERM !== "dumb";
}
