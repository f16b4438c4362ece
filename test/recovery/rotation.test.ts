import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createSandbox } from "../../src/sandbox/app.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { serveCuttingProxy } from "../support/cutting-proxy.ts";
import { createRandom } from "../support/recovery-loop.ts";
import { createSurroundings, type Environment, startTokctl } from "../support/spawn.ts";

const seed = Number(process.env["TOKCTL_LOOP_SEED"] ?? "1");
const rounds = Number(process.env["TOKCTL_LOOP_RUNS"] ?? "3");
/** Processes that run at the same time. */
const atOnce = 4;
const hour = 3_600_000;
/** The number of machines, and the requests of the consumer between two reads of its secret. */
const settings = [
  { machines: 1, requestsPerRead: 500 },
  { machines: 2, requestsPerRead: 1 },
];

let surroundings: Awaited<ReturnType<typeof createSurroundings>>;
beforeAll(async () => {
  surroundings = await createSurroundings();
});
afterAll(() => surroundings?.remove());

test.each(settings)(
  "a consumer has a working secret while rotations are killed and responses are lost: %j",
  async ({ machines: count, requestsPerRead }) => {
    const random = createRandom(seed);
    let shift = 0;
    const sandbox = createSandbox({
      now: () => new Date(Date.now() + shift),
      randomBytes: (size) => randomBytes(size),
    });
    const { url, close } = await listen(sandbox, { host: "127.0.0.1", port: 0 });
    onTestFinished(close);
    let isCalm = true;
    const running = new Set<ReturnType<typeof startTokctl>>();
    let killed = 0;
    const proxy = await serveCuttingProxy(url, () => {
      if (isCalm) return "none";
      // Kills a process while a token is being created or deleted, or a little later.
      if (random.chance(0.3) && running.size > 0) {
        const child = random.pick([...running]);
        running.delete(child);
        killed++;
        setTimeout(() => child.kill("SIGKILL"), random.below(100));
      }
      return random.chance(0.7) ? "none" : random.pick(["before", "after", "in reply"]);
    });
    const env = sandbox.apis.find(({ id }) => id === "ovh-ai")?.environment(proxy) ?? {};
    const file = join(surroundings.folder, `${count}.env`);
    const machines = [0, 1].map(
      (machine): Environment => ({
        ...surroundings.env,
        ...env,
        TOKCTL_STATE_DIR: join(surroundings.folder, `rotation-${count}-${machine}`),
      }),
    );
    const run = (machine: number, line: string) =>
      startTokctl(line.split(" "), { env: machines[machine] ?? {}, stdin: "" });
    const rotation = (words: string) =>
      `token rotate ci -r ai_training_read --to env-file:${file}#CI --overlap 30m ${words} -o json`;
    const rotate = async (machine: number, words: string) => {
      const { stdout, ...outcome } = await run(machine, rotation(words)).ended;
      expect(outcome, outcome.stderr).toMatchObject({ code: 0 });
      return JSON.parse(stdout);
    };
    const family = async (): Promise<readonly string[]> =>
      JSON.parse((await run(0, "token list -o json").ended.then(({ stdout }) => stdout)) || "[]")
        .map(({ name }: { readonly name: string }) => name)
        .filter((name: string) => name.startsWith("ci"));

    await rotate(0, "--every 1h");
    const statuses = new Map<number, number>();
    let isOver = false;
    let request = Promise.resolve();
    let secret = "";
    const consume = async () => {
      for (let i = 0; !isOver; i++) {
        request = (async () => {
          // The consumer reads the secret before its request, or uses it for as long as the overlap allows.
          if (i % requestsPerRead === 0 || secret === "")
            [, secret = ""] = /^CI='?([^'\n]*)/m.exec(readFileSync(file, "utf8")) ?? [];
          const headers = { authorization: `Bearer ${secret}` };
          const { status } = await sandbox.request(`${url}/v1/me`, { method: "GET", headers });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        })();
        await request;
        await setImmediate();
      }
    };
    const pass = async (milliseconds: number) => {
      await request;
      shift += milliseconds;
      secret = "";
    };
    const consumer = consume();

    isCalm = false;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        Array.from({ length: atOnce }, async (_, i) => {
          const words = random.chance(0.5) ? "--now" : "--every 1h";
          const child = run(i % count, rotation(words));
          running.add(child);
          await child.ended;
          running.delete(child);
        }),
      );
      await pass(2 * hour);
    }
    isCalm = true;
    // Each machine finishes its own interrupted runs.
    for (const machine of [0, 1]) {
      await rotate(machine, "--every 1h");
      await pass(2 * hour);
    }
    for (const machine of [0, 1]) await rotate(machine, "--every 1y");
    isOver = true;
    await consumer;

    expect([...statuses.keys()]).toEqual([200]);
    expect(await family()).toHaveLength(1);
    for (const machine of [0, 1]) {
      const { stdout } = await run(machine, "recover --list -o json").ended;
      expect(JSON.parse(stdout)).toEqual([]);
    }
    expect(killed).toBeGreaterThan(0);
  },
  120_000,
);
