import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { providerIds } from "../../src/providers/index.ts";
import { createSandbox } from "../../src/sandbox/app.ts";
import { listen } from "../../src/sandbox/listen.ts";
import { createLine } from "../support/create-lines.ts";
import { serveCuttingProxy } from "../support/cutting-proxy.ts";
import { createRandom, readIssue } from "../support/recovery-loop.ts";
import { createSurroundings, type Environment, startTokctl } from "../support/spawn.ts";

const seed = Number(process.env["TOKCTL_LOOP_SEED"] ?? "1");
const runs = Number(process.env["TOKCTL_LOOP_RUNS"] ?? "12");

let surroundings: Awaited<ReturnType<typeof createSurroundings>>;
beforeAll(async () => {
  surroundings = await createSurroundings();
});
afterAll(() => surroundings?.remove());

test.each(providerIds)(
  "killed processes of %s lose no secret",
  async (api) => {
    const random = createRandom(seed);
    const sandbox = createSandbox({
      now: () => new Date(),
      randomBytes: (size) => randomBytes(size),
    });
    const issued = new Map<string, string>();
    const watched: typeof sandbox.fetch = async (request, ...more) => {
      const reply = await sandbox.fetch(request, ...more);
      if (request.method === "GET" || !reply.ok) return reply;
      const path = new URL(request.url).pathname.split("/").map(decodeURIComponent);
      if (request.method === "DELETE") issued.delete(path.at(-1) ?? "");
      else {
        const made = readIssue(await reply.clone().text(), path);
        if (made) issued.set(made.id, made.secret);
      }
      return reply;
    };
    const { url, close } = await listen({ fetch: watched }, { host: "127.0.0.1", port: 0 });
    onTestFinished(close);
    let isCalm = false;
    const proxy = await serveCuttingProxy(url, () =>
      isCalm || random.chance(0.5) ? "none" : random.pick(["before", "after", "in reply"]),
    );
    const env = sandbox.apis.find(({ id }) => id === api)?.environment(proxy) ?? {};
    const machines = [0, 1].map(
      (machine): Environment => ({
        ...surroundings.env,
        ...env,
        TOKCTL_STATE_DIR: join(surroundings.folder, `${api}-${machine}`),
      }),
    );
    const outputs: string[] = [];
    const has = (secret: string) => outputs.some((text) => text.includes(secret));
    const run = async (machine: number, line: string, killAfter?: number) => {
      const options = { env: machines[machine] ?? {}, stdin: "" };
      const child = startTokctl(line.split(" "), options);
      if (killAfter !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfter);
      const { stdout } = await child.ended;
      outputs.push(stdout);
      return stdout;
    };

    for (let i = 0; i < runs; i++) {
      const machine = random.below(2);
      const name = random.chance(0.3) ? "same" : `u${i}`;
      const owned = [...issued].filter(([id, secret]) => has(secret) && !/-probe-/.test(id));
      const line =
        owned.length > 0 && random.chance(0.4)
          ? `token renew ${random.pick(owned)[0]} -y`
          : createLine(api, name);
      await run(machine, line, random.chance(0.5) ? 100 + random.below(500) : undefined);
    }
    const received = [...issued].filter(([, secret]) => has(secret));
    isCalm = true;
    for (const machine of [0, 1])
      for (let round = 0; round < 5; round++) {
        const open = JSON.parse((await run(machine, "recover -o json")) || "[]").filter(
          ({ outcome }: { outcome: unknown }) => outcome === null,
        );
        for (const { entry, candidates } of open) {
          const lost = candidates.find(({ id }: { id: string }) => {
            const secret = issued.get(id);
            return secret !== undefined && !has(secret);
          });
          const words = lost ? `--candidate ${lost.id} --on-lost renew` : "--on-lost keep";
          await run(machine, `recover ${entry} ${words}`);
        }
        if (open.length === 0) break;
      }
    for (const machine of [0, 1])
      expect(JSON.parse(await run(machine, "recover --list -o json"))).toEqual([]);
    expect([...issued].filter(([, secret]) => !has(secret))).toEqual([]);
    for (const [id, secret] of received) expect(issued.get(id)).toBe(secret);
  },
  120_000,
);
