import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createSandbox } from "../../src/sandbox/app.ts";
import { type Asked, type Play, serialise, serveHostilely } from "../support/hostile-server.ts";
import { createSurroundings, runTokctl, type Surroundings, startTokctl } from "../support/spawn.ts";

// What test/faults plays in process is played here to the built program, with real clocks.

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await createSurroundings();
});
afterAll(() => surroundings.remove());

const origin = "http://127.0.0.1:8787";

/** A sandbox behind a server that plays this in place of its first answers to a method. */
async function serve(method: string, play: Play, times = Number.POSITIVE_INFINITY) {
  const sandbox = createSandbox({ now: () => new Date(), randomBytes });
  const environment = sandbox.apis.find(({ id }) => id === "ovh-ai")?.environment(origin) ?? {};
  let left = times;
  const work = ({ method, path, headers, body }: Asked) =>
    sandbox.request(`${origin}${path}`, {
      method,
      headers: { ...headers },
      ...(body !== "" && { body }),
    });
  const server = await serveHostilely({
    spoils: (asked) => asked.method === method && left-- > 0,
    play,
    work,
    expire: () => {},
  });
  onTestFinished(server.close);
  const env = {
    ...(await surroundings.freshEnv()),
    ...environment,
    TOKCTL_URL: `http://127.0.0.1:${server.port}`,
  };
  return {
    start: (line: string) => startTokctl(line.split(" "), { env, stdin: "" }),
    run: (line: string) => runTokctl(line.split(" "), { env, stdin: "" }),
    seen: server.seen,
    names: async () => {
      const reply = await sandbox.request(`${origin}/v1/token`, {
        headers: { authorization: `Bearer ${environment["TOKCTL_APP_TOKEN"]}` },
      });
      const { items } = (await reply.json()) as { items: { spec: { name: string } }[] };
      return items.map(({ spec }) => spec.name);
    },
  };
}

const reset: Play = async ({ socket, work }) => {
  const whole = serialise(await work());
  socket.write(whole.subarray(0, whole.length - 20), () => socket.resetAndDestroy());
};
const silent: Play = async ({ socket, work }) => {
  const whole = serialise(await work());
  socket.write(whole.subarray(0, whole.length - 20));
};
const create = "token create ci -r ai_training_read";

test("a create whose answer is cut leaves nothing behind", async () => {
  const { run, names, seen } = await serve("POST", reset);
  const { code, stdout, stderr } = await run(create);
  expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
  expect(stderr).toContain("so it was deleted again");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await names()).toEqual([]);
  expect(seen.filter((line) => line.startsWith("POST"))).toHaveLength(1);
});

test("a create whose answer stalls ends with --timeout", async () => {
  const { run, names } = await serve("POST", silent);
  const { code, stdout, stderr } = await run(`${create} --timeout 1s`);
  expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
  expect(stderr).toContain("so it was deleted again");
  expect(await names()).toEqual([]);
});

test("a list whose answer stalls ends with --timeout, and is not asked for again", async () => {
  const { run, seen } = await serve("GET", silent);
  const { code, stdout, stderr } = await run("token list --timeout 1s");
  expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
  expect(stderr).toContain("timed out after 1s");
  expect(seen).toHaveLength(1);
});

test("a list that is turned away once is asked for again when it may be", async () => {
  const turnAway: Play = ({ socket }) =>
    socket.write("HTTP/1.1 429 Slow\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n");
  const { run, seen } = await serve("GET", turnAway, 1);
  const { code, stderr } = await run("token list --debug");
  expect(code).toBe(0);
  expect(stderr).toMatch(/answered 429; attempt 2 of 4 in 1\d{3} ms/);
  expect(seen).toHaveLength(2);
});

test("^C ends a pause", async () => {
  const turnAway: Play = ({ socket }) =>
    socket.write("HTTP/1.1 429 Slow\r\nretry-after: 20\r\ncontent-length: 0\r\n\r\n");
  const { start, seen } = await serve("GET", turnAway);
  const running = start("token list");
  await running.stderr.until(/answered 429; trying again in 2\d s/);
  running.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(stderr).toContain("Stopped while waiting for http://127.0.0.1:");
  expect(seen).toHaveLength(1);
});
