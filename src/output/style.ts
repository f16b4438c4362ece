import type { Host, Sink } from "../host.ts";

/** How a stream's text is emphasised: not at all, where it goes to a pipe or colour is unwanted. */
export interface Style {
  readonly heading: (text: string) => string;
  readonly error: (text: string) => string;
}

const plain: Style = { heading: String, error: String };

/** Follows NO_COLOR (no-color.org), FORCE_COLOR, TERM=dumb and `--no-color`, which wins. */
export async function createStyle(sink: Sink, env: Host["env"], color: boolean): Promise<Style> {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  const wanted = forced || (FORCE_COLOR === undefined && sink.isTTY === true && TERM !== "dumb");
  if (!color || NO_COLOR || !wanted) return plain;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return { heading: chalk.bold, error: chalk.red };
}
