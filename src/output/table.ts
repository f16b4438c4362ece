import Table from "cli-table3";
import { strlen } from "cli-table3/src/utils.js";

const noBorders = Object.fromEntries(
  [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
    "left-mid",
    "mid",
    "mid-mid",
    "right",
    "right-mid",
  ].map((part) => [part, ""]),
);

/** The library's layout takes time by the square of the rows: it gets some at a time. */
const rowsAtOnce = 200;

/** Columns two spaces apart, without borders and without spaces at a line's end. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const colWidths = head.map((_, i) =>
    lines.reduce((widest, line) => Math.max(widest, strlen(line[i] ?? "")), 0),
  );
  const parts: string[] = [];
  for (let from = 0; from < lines.length; from += rowsAtOnce) {
    const table = new Table({
      chars: { ...noBorders, middle: "  " },
      style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
      colWidths,
    });
    table.push(...lines.slice(from, from + rowsAtOnce).map((line) => [...line]));
    parts.push(table.toString());
  }
  return parts.join("\n").replace(/ +$/gm, "");
}
