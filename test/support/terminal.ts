import { PassThrough } from "node:stream";
import type { Host } from "../../src/host.ts";

/** A pattern of terminal output, and the keys to press after it. */
export type Answer = readonly [seen: RegExp, keys: string];

/**
 * Returns a terminal that presses keys when its output matches the next pattern, and records the
 * output that is not in stdout or stderr.
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
    /** Answers with no matching output yet. */ left,
  };
}

/** Returns the words on a screen without colours and line breaks. */
export const words = (screen: string): string =>
  screen
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern removes them.
    .replace(/\x1b\[[\d;?]*[A-Za-z]/g, "")
    .replace(/\r*\n/g, " ")
    .replace(/ +/g, " ");

/** Returns a timer that tests advance. */
export function createTicker() {
  const calls = new Set<() => void>();
  const every: Host["every"] = (_milliseconds, call) => {
    calls.add(call);
    return () => calls.delete(call);
  };
  return {
    every,
    /** Advances the timer and waits for pending callbacks. */
    async tick(times = 1) {
      for (let i = 0; i < times; i++) {
        for (const call of calls) call();
        await import("../../src/output/progress.ts");
        await new Promise(setImmediate);
      }
    },
    /** Returns whether a callback is registered. */
    isHeard: () => calls.size > 0,
  };
}
