import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createSandbox } from "../../src/sandbox/app.ts";
import { errorOf } from "../support/error-of.ts";
import { type Asked, type Play, serialise, serveHostilely } from "../support/hostile-server.ts";
import { createSurroundings, runTokctl, type Surroundings, startTokctl } from "../support/spawn.ts";

// The faults of test/faults for the built program, with real clocks.

let surroundings: Surroundings;
beforeAll(async () => {
  surroundings = await createSurroundings();
});
afterAll(() => surroundings.remove());

const origin = "http://127.0.0.1:8787";

/** A sandbox behind a server that plays a fault in place of its first responses to a method. */
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

test("a create with a truncated response leaves no token", async () => {
  const { run, names, seen } = await serve("POST", reset);
  const { code, stdout, stderr } = await run(create);
  expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
  expect(errorOf({ stderr })).toMatchObject({
    code: "network",
    message: expect.stringContaining('"ci"'),
  });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(await names()).toEqual([]);
  expect(seen.filter((line) => line.startsWith("POST"))).toHaveLength(1);
});

test("a create with a stalled response ends after --timeout", async () => {
  const { run, names } = await serve("POST", silent);
  const { code, stdout, stderr } = await run(`${create} --timeout 3s`);
  expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
  expect(errorOf({ stderr })).toMatchObject({
    code: "network",
    message: expect.stringContaining('"ci"'),
  });
  expect(await names()).toEqual([]);
});

test("a list with a stalled response ends after --timeout and is not retried", async () => {
  const { run, seen } = await serve("GET", silent);
  const { code, stdout, stderr } = await run("token list --timeout 2s");
  expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
  expect(errorOf({ stderr })).toMatchObject({
    code: "network",
    message: expect.stringMatching(/\b2s\b/),
  });
  expect(seen).toHaveLength(1);
});

test("a list with a 429 response is retried after Retry-After", async () => {
  const turnAway: Play = ({ socket }) =>
    socket.write("HTTP/1.1 429 Slow\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n");
  const { run, seen } = await serve("GET", turnAway, 1);
  const { code, stderr } = await run("token list --debug");
  expect(code).toBe(0);
  expect(stderr).toMatch(/429\D+2\D+4\D+1\d{3} ms/);
  expect(seen).toHaveLength(2);
});

test("^C ends the wait before a retry", async () => {
  const turnAway: Play = ({ socket }) =>
    socket.write("HTTP/1.1 429 Slow\r\nretry-after: 20\r\ncontent-length: 0\r\n\r\n");
  const { start, seen } = await serve("GET", turnAway);
  const running = start("token list");
  await running.stderr.until(/429\D+2\d ?s/);
  running.kill("SIGINT");
  const { code, stderr } = await running.ended;
  expect(code).toBe(130);
  expect(errorOf({ stderr })).toMatchObject({
    code: "interrupted",
    message: expect.stringContaining("http://127.0.0.1:"),
  });
  expect(seen).toHaveLength(1);
});
