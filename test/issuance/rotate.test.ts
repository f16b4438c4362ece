import fc from "fast-check";
import { expect, test } from "vitest";
import type { Fetch, Host } from "../../src/host.ts";
import { createHome } from "../support/home.ts";

const minute = 60_000;
const overlap = 30 * minute;

/** Returns a Kubernetes secret that two machines write, and the secrets it has had. */
function createCluster(now: () => Date) {
  let annotations: Record<string, string> = {};
  let current = "";
  /** When each secret was replaced. */
  const replacedAt = new Map<string, number>();
  const exec: Host["exec"] = async (command, input) => {
    if (command.includes("get"))
      return { code: 0, stdout: JSON.stringify(annotations), stderr: "" };
    if (!command.includes("--dry-run=server")) {
      const manifest = JSON.parse(input);
      replacedAt.set(current, now().getTime());
      current = Buffer.from(manifest.data.CI, "base64").toString();
      replacedAt.delete(current);
      annotations = manifest.metadata.annotations;
    }
    return { code: 0, stdout: "", stderr: "" };
  };
  /** Returns the secrets that a consumer may use: it read one at most `overlap` ago. */
  const inUse = () => [
    current,
    ...[...replacedAt].flatMap(([secret, at]) =>
      secret !== "" && now().getTime() - at < overlap ? secret : [],
    ),
  ];
  return { exec, inUse };
}

type Home = ReturnType<typeof createHome>;

/** Returns a machine whose run stops before each request and around each delivery, until it continues. */
function createMachine(home: Home, id: number, cluster: ReturnType<typeof createCluster>) {
  let waiting: (() => void)[] = [];
  let reached: () => void = () => {};
  let runs = 0;
  let isActive = false;
  const start = async (words: string, fault: "none" | "before" | "after") => {
    const run = ++runs;
    isActive = true;
    const stop = () =>
      new Promise<void>((resolve) => {
        if (run !== runs) return;
        waiting.push(resolve);
        reached();
      });
    const fetch: Fetch = async (url, init) => {
      await stop();
      const isFaulty = init.method === "POST" && fault !== "none";
      const reply =
        isFaulty && fault === "before" ? undefined : await home.sandbox.request(url, init);
      if (!isFaulty && reply) return reply;
      throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
    };
    const exec: Host["exec"] = async (command, input) => {
      const isDelivery = command.includes("apply") && !command.includes("--dry-run=server");
      if (isDelivery) await stop();
      const result = await cluster.exec(command, input);
      if (isDelivery) await stop();
      return result;
    };
    const arrival = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const line = `token rotate ci -r ai_training_read --overlap 30m ${words} --to k8s-secret:ci#CI`;
    void home
      .run(line, {
        env: { ...home.environment, TOKCTL_STATE_DIR: home.path(`machine-${id}`) },
        process: { id: 1000 * (id + 1) + run, machine: `machine-${id}` },
        fetch,
        exec,
      })
      .then(() => {
        if (run !== runs) return;
        isActive = false;
        reached();
      });
    await arrival;
  };
  const step = async () => {
    const arrival = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const resumed = waiting;
    waiting = [];
    for (const resume of resumed) resume();
    await arrival;
  };
  const continueFor = async (steps: number) => {
    for (let i = 0; i < steps && isActive; i++) await step();
  };
  return {
    start,
    continueFor,
    finish: () => continueFor(Number.POSITIVE_INFINITY),
    /** Ends the run where it is, as SIGKILL does. */
    kill() {
      runs++;
      waiting = [];
      isActive = false;
    },
    async rotate(words: string) {
      await start(words, "none");
      await continueFor(Number.POSITIVE_INFINITY);
    },
  };
}

const steps = fc.integer({ min: 0, max: 16 });
const fault = fc.constantFrom("none", "none", "none", "before", "after");
const scenario = fc.record({
  turns: fc.array(fc.record({ machine: fc.constantFrom(0, 1), steps }), {
    minLength: 1,
    maxLength: 5,
  }),
  killed: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
  faults: fc.array(fault, { minLength: 2, maxLength: 2 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** One run passes its last check, the other one delivers a newer generation, and then the first delivers. */
const overtaken: Scenario["turns"] = [
  { machine: 0, steps: 4 },
  { machine: 1, steps: 6 },
  { machine: 0, steps: 2 },
];

/** Interleavings that delete a secret too early without the rules for several machines. */
const examples: readonly Scenario[] = [
  // The newer generation is delivered first; then both runs are killed, or one.
  { turns: overtaken, killed: [true, true], faults: ["none", "none"] },
  { turns: overtaken, killed: [true, false], faults: ["none", "none"] },
  // The request of one machine is lost while the other creates the same generation.
  { turns: [{ machine: 1, steps: 1 }], killed: [false, false], faults: ["none", "before"] },
  { turns: [{ machine: 0, steps: 2 }], killed: [true, false], faults: ["none", "none"] },
];

test("two machines that rotate at the same time delete no secret before its overlap is over", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ turns, killed, faults }) => {
      const home = createHome();
      const cluster = createCluster(home.now);
      const machines = [0, 1].map((id) => createMachine(home, id, cluster));
      const requireWorking = async () => {
        for (const secret of cluster.inUse()) {
          const headers = { authorization: `Bearer ${secret}` };
          const { status } = await home.sandbox.request(`${home.url}/v1/me`, {
            method: "GET",
            headers,
          });
          expect(status).toBe(200);
        }
      };
      await machines[0]?.rotate("--now");
      home.advance(60 * minute);
      for (const [i, machine] of machines.entries())
        await machine.start("--now", faults[i] ?? "none");
      for (const { machine, steps: count } of turns) {
        await machines[machine]?.continueFor(count);
        await requireWorking();
      }
      for (const [i, machine] of machines.entries()) {
        if (killed[i]) machine.kill();
        else await machine.finish();
        await requireWorking();
      }
      // The pauses are within the overlap, and longer than the time of a delivery, and then after both.
      for (const pause of [1, 16, 2, 12, 60, 60]) {
        home.advance(pause * minute);
        await requireWorking();
        for (const machine of machines) {
          await machine.rotate("--every 1y");
          await requireWorking();
        }
      }
      const tokens: readonly { readonly name: string }[] = await home.json("token list", {
        env: home.environment,
      });
      expect(tokens.filter(({ name }) => name.startsWith("ci-r"))).toHaveLength(1);
    }),
    { seed: 1, numRuns: 25, examples: examples.map((each) => [each]) },
  );
}, 120_000);
