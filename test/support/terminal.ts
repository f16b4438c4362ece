import { PassThrough } from "node:stream";
import type { Host } from "../../src/host/host.ts";

/** What is read on the terminal, and the keys that are pressed then. */
export type Answer = readonly [seen: RegExp, keys: string];

/**
 * Somebody at a terminal: what they see on it besides what stdout and stderr caught, and the keys
 * that they press as soon as they read something, one answer after the other.
 */
export function createTerminal(...answers: readonly Answer[]) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const left = [...answers];
  let screen = "";
  let read = 0;
  output.on("data", (chunk) => {
    screen += String(chunk);
    if (!left[0]?.[0].test(words(screen.slice(read)))) return;
    read = screen.length;
    const [, keys] = left.shift() ?? [];
    setImmediate(() => input.write(keys));
  });
  return {
    terminal: { input, output },
    screen: () => words(screen),
    /** Answers that nothing asked for. */ left,
  };
}

/** What stands on a screen as words, however they are coloured, framed and broken into lines. */
export const words = (screen: string): string =>
  screen
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    .replace(/\x1b\[[\d;?]*[A-Za-z]/g, "")
    .replace(/\r*\n│?/g, " ")
    .replace(/ +/g, " ");

/** A clock that ticks when it is told to. */
export function createTicker() {
  const calls = new Set<() => void>();
  const every: Host["every"] = (_milliseconds, call) => {
    calls.add(call);
    return () => calls.delete(call);
  };
  return {
    every,
    /** Ticks, and lets what follows from it happen. */
    async tick(times = 1) {
      for (let i = 0; i < times; i++) {
        for (const call of calls) call();
        await import("../../src/output/progress-line.ts");
        await new Promise(setImmediate);
      }
    },
    /** Whether somebody still listens to it. */
    isHeard: () => calls.size > 0,
  };
}
