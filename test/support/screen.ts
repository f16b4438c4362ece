import { fileURLToPath } from "node:url";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import { type Environment, openTerminal } from "./spawn.ts";

export interface ScreenOptions {
  readonly env: Environment;
  readonly columns: number;
  /** Texts that differ in every run, and their replacements of the same length, such as a port. */
  readonly instead?: readonly (readonly [found: string | RegExp, written: string])[];
  /** Keys to press, each when its pattern matches the output after the previous key. */
  readonly answers?: readonly (readonly [seen: RegExp, keys: string])[];
}

/** Returns an environment with a fixed clock, for output with relative times. */
export const fixedClock = (now: Date): Environment => ({
  NODE_OPTIONS: `--require ${fileURLToPath(new URL("fixed-clock.cjs", import.meta.url))}`,
  TOKCTL_TEST_NOW: String(now.getTime()),
});

/** Runs a shell command at a pseudo-terminal and returns the screen at its end. */
export async function runOnScreen(line: string, options: ScreenOptions): Promise<string> {
  const terminal = openTerminal(line, options);
  for (const [seen, keys] of options.answers ?? []) {
    await terminal.screen.next(seen);
    terminal.type(keys);
  }
  const { screen } = await terminal.ended;
  return drawScreen(
    replaceVarying(screen.slice(0, screen.indexOf("\x1e")), options),
    options.columns,
  );
}

/** Replaces the texts that differ in every run. */
export const replaceVarying = (
  text: string,
  { instead = [] }: Pick<ScreenOptions, "instead">,
): string => instead.reduce((all, [found, written]) => all.replaceAll(found, written), text);

/**
 * Returns the screen of a terminal as text. Styles are tags such as `<bold>`, and `⏎` marks a line
 * that the terminal wrapped.
 */
export async function drawScreen(written: string, columns: number): Promise<string> {
  const rows = 24;
  const terminal = new headless.Terminal({
    cols: columns,
    rows,
    scrollback: 100_000,
    allowProposedApi: true,
  });
  // The addon is typed for the terminal of browsers.
  terminal.loadAddon(new Unicode11Addon() as unknown as Parameters<typeof terminal.loadAddon>[0]);
  terminal.unicode.activeVersion = "11";
  await new Promise<void>((resolve) => terminal.write(written, resolve));
  const buffer = terminal.buffer.active;
  const lines: string[] = [];
  for (let y = 0; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    if (!line) continue;
    if (line.isWrapped) lines.push(`${lines.pop() ?? ""}⏎`);
    lines.push(drawLine(line));
  }
  terminal.dispose();
  return `${lines.join("\n").trimEnd()}\n`;
}

type Line = NonNullable<ReturnType<headless.Terminal["buffer"]["active"]["getLine"]>>;
type Cell = NonNullable<ReturnType<Line["getCell"]>>;

function drawLine(line: Line): string {
  let drawn = "";
  let open = "";
  for (let x = 0; x < line.length; x++) {
    const cell = line.getCell(x);
    // The right half of a wide character has width 0.
    if (!cell || cell.getWidth() === 0) continue;
    const style = describeStyle(cell);
    if (style !== open) {
      if (open !== "") drawn += `</${open}>`;
      if (style !== "") drawn += `<${style}>`;
      open = style;
    }
    drawn += cell.getChars() || " ";
  }
  return (open === "" ? drawn : `${drawn}</${open}>`).trimEnd();
}

const colours = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

const describeStyle = (cell: Cell): string =>
  [
    ...(cell.isBold() ? ["bold"] : []),
    ...(cell.isDim() ? ["dim"] : []),
    ...(cell.isItalic() ? ["italic"] : []),
    ...(cell.isUnderline() ? ["underline"] : []),
    ...(cell.isInverse() ? ["inverse"] : []),
    ...(cell.isFgDefault() ? [] : [colours[cell.getFgColor()] ?? `colour ${cell.getFgColor()}`]),
    ...(cell.isBgDefault() ? [] : [`on ${colours[cell.getBgColor()] ?? cell.getBgColor()}`]),
  ].join(" ");
