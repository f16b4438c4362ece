import type { Host } from "../host.ts";

/** Lines of the terminal that a table needs besides its rows: the heading and the prompt. */
const reservedLines = 2;

/**
 * Returns the pager command for a table, from TOKCTL_PAGER or PAGER; undefined if the table fits the
 * terminal, stdout is no terminal, or no pager is set. `cat` and an empty value mean no pager.
 */
export function findPager(
  rowCount: number,
  { stdout, env }: Pick<Host, "stdout" | "env">,
): string | undefined {
  const { isTTY, rows } = stdout;
  if (!isTTY || !rows || rowCount + reservedLines <= rows) return undefined;
  const { TOKCTL_PAGER: own, PAGER: common, TERM } = env;
  const command = (own ?? common ?? "").trim();
  return command === "" || command === "cat" || TERM === "dumb" ? undefined : command;
}
