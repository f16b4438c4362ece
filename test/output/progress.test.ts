import { describe, expect, test } from "vitest";
import type { OutputStream } from "../../src/host.ts";
import type { RunOptions } from "../support/outcome.ts";
import { createTerminal, createTicker } from "../support/terminal.ts";
import { createWorld } from "../support/world.ts";

const erase = "\r\x1b[K";
const spinner = /^[-|/\\] .*\b127\.0\.0\.1:8787$/;

/** Returns the last drawn text. */
const drawn = ({ written }: { readonly written: readonly string[] }) => {
  const last = written.at(-1) ?? "";
  return last.startsWith(erase) ? last.slice(erase.length) : "nothing";
};

/** Returns a world that delays every request, and its output in order. */
function createSlowWorld({ columns = 80, isTTY = true } = {}) {
  const world = createWorld();
  const ticker = createTicker();
  const written: string[] = [];
  const sink = (shown: boolean): Partial<OutputStream> => ({
    isTTY: shown,
    columns,
    write: async (text) => void written.push(text),
  });
  const waiting: (() => void)[] = [];
  let asked = () => {};
  return {
    ...world,
    ...ticker,
    written,
    /** Starts a run with delayed requests. `asked` resolves at the next request. */
    start: (line: string | readonly string[], options: RunOptions = {}) => {
      const ended = world.run(line, {
        every: ticker.every,
        stdout: sink(false),
        stderr: sink(isTTY),
        fetch: async (url, init) => {
          await new Promise<void>((resolve, reject) => {
            waiting.push(resolve);
            init.signal.addEventListener("abort", () => reject(init.signal.reason));
            asked();
          });
          return world.sandbox.request(url, init);
        },
        ...options,
      });
      return { ended };
    },
    asked: () =>
      new Promise<void>((resolve) => {
        if (waiting.length > 0) resolve();
        else asked = resolve;
      }),
    /** Lets one request be answered. */
    answer: () => waiting.shift()?.(),
  };
}

describe("a spinner", () => {
  test("appears after 300 ms and is erased before the result is written", async () => {
    const world = createSlowWorld();
    const { ended } = world.start("token list -o json");
    await world.asked();
    await world.tick(2);
    expect(world.written).toEqual([]);
    await world.tick(2);
    expect(world.written).toHaveLength(2);
    expect(drawn(world)).toMatch(spinner);
    expect(world.written[0]).not.toBe(world.written[1]);
    world.answer();
    expect((await ended).code).toBe(0);
    expect(world.written.slice(2)).toEqual([erase, "[]\n"]);
    expect(world.isHeard()).toBe(false);
  });

  test("is erased before an error and before the output of --debug", async () => {
    const world = createSlowWorld();
    const { ended } = world.start("token get nosuch --debug");
    await world.asked();
    await world.tick(3);
    expect(drawn(world)).toMatch(spinner);
    const before = world.written.length;
    world.answer();
    expect((await ended).code).toBe(3);
    expect(world.written[before]).toBe(erase);
    expect(world.written.slice(before + 1).join("")).toMatch(/^debug: .*\n.*error\[not_found\]/s);
  });

  test("is erased after ^C, and the cursor is never hidden", async () => {
    const world = createSlowWorld();
    const interrupt = new AbortController();
    const { ended } = world.start("token list", { interrupt: interrupt.signal });
    await world.asked();
    await world.tick(3);
    interrupt.abort("SIGINT");
    expect((await ended).code).toBe(130);
    expect(world.written.slice(-2)).toEqual([erase, expect.stringContaining("error[interrupted]")]);
    expect(world.written.join("")).not.toContain("\x1b[?25l");
  });

  test("continues from one request to the next", async () => {
    const world = createSlowWorld();
    await world.run("token create ci -r read");
    const { ended } = world.start("token renew ci -y");
    await world.asked();
    await world.tick(2);
    world.answer();
    await world.asked();
    expect(world.written).toEqual([]);
    await world.tick();
    expect(drawn(world)).toMatch(spinner);
    world.answer();
    await world.asked();
    world.answer();
    expect((await ended).code).toBe(0);
  });

  test("is erased during a question", async () => {
    const world = createSlowWorld();
    await world.run("token create ci -r read");
    const { terminal, left } = createTerminal([/"ci"/, ""]);
    const { ended } = world.start("token delete ci", { terminal });
    await world.asked();
    await world.tick(3);
    expect(drawn(world)).toMatch(spinner);
    while (left.length > 0) {
      world.answer();
      await new Promise(setImmediate);
    }
    expect(world.written.slice(-2)).toEqual([erase, expect.stringContaining(`"ci"`)]);
    const before = world.written.length;
    await world.tick(5);
    expect(world.written).toHaveLength(before);
    terminal.input.write("y\r");
    await world.asked();
    await world.tick(3);
    expect(drawn(world)).toMatch(spinner);
    world.answer();
    expect((await ended).code).toBe(0);
  });

  test.each([1, 2, 5, 20])("fits %s columns", async (columns) => {
    const world = createSlowWorld({ columns });
    const { ended } = world.start("token list");
    await world.asked();
    await world.tick(3);
    const [picture = ""] = world.written;
    expect(picture.slice(erase.length).length).toBeLessThan(columns);
    world.answer();
    await ended;
  });

  test.each([
    ["stderr is not a terminal", "token list", {}, false],
    ["--quiet is given", "token list -q", {}, true],
    ["the terminal is dumb", "token list", { TERM: "dumb" }, true],
    ["CI is set", "token list", { CI: "true" }, true],
  ] as const)("is not shown if %s", async (_, line, env, isTTY) => {
    const world = createSlowWorld({ isTTY });
    const { ended } = world.start(line, { env });
    await world.asked();
    await world.tick(5);
    world.answer();
    expect((await ended).code).toBe(0);
    expect(world.written).toEqual([]);
  });
});

describe("a progress bar", () => {
  const bar = /^[-|/\\] .*?(\d)\D+3 \[(#*)(\.*)\]$/;

  async function deleteThree(columns?: number) {
    const world = createSlowWorld({ columns });
    const ids: string[] = [];
    for (const name of ["a", "b", "c"]) {
      await world.run(`token create ${name} -r read`);
      ids.push((await world.json(`token get ${name}`)).id);
    }
    const { ended } = world.start(["token", "delete", ...ids, "-y"]);
    return { ...world, ended };
  }

  test("counts the deleted tokens and is erased before the result", async () => {
    const world = await deleteThree();
    for (let i = 0; i < 4; i++) {
      await world.asked();
      world.answer();
    }
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      await world.asked();
      await world.tick(3);
      const match = bar.exec(drawn(world));
      expect(match, world.written.at(-1)).toBeTruthy();
      seen.push(Number(match?.[1]));
      expect(match?.[2]?.length).toBe(i * 10);
      expect(match?.[3]?.length).toBe(30 - i * 10);
      world.answer();
      await new Promise(setImmediate);
    }
    expect(seen).toEqual([0, 1, 2]);
    expect((await world.ended).code).toBe(0);
    expect(world.written.slice(-2)).toEqual([
      erase,
      expect.stringMatching(/^Deleted token "a".*\n$/s),
    ]);
  });
});
