import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { createVictim, cut } from "../support/lost-answers.ts";
import { createTerminal } from "../support/terminal.ts";
import { createWorld } from "../support/world.ts";

/** A server that takes so long for requests of this method. */
const slow =
  (world: ReturnType<typeof createWorld>, method: string, milliseconds: number): Fetch =>
  (url, init) => {
    if (init.method === method) world.advance(milliseconds);
    return world.sandbox.request(url, init);
  };
const create = "token create ci -r read";
const names = async (world: ReturnType<typeof createWorld>) =>
  (await world.json("token list")).map(({ name }: { name: string }) => name);
const methodsOf = ({ requests }: ReturnType<typeof createWorld>) =>
  requests.map(({ method }) => method);

describe("--timeout covers all requests of a command", () => {
  test("a create that is not sent in time is exit 8, with nothing to recover", async () => {
    const victim = createVictim();
    const fetch = slow(victim, "GET", 2000);
    expect((await victim.run(`${create} --timeout 2s`, { fetch })).code).toBe(8);
    expect(methodsOf(victim)).toEqual(["GET"]);
    expect(victim.journal()).toEqual([]);
  });

  test("a list of several pages stops at the timeout", async () => {
    const world = createWorld();
    for (let i = 0; i < 101; i++) await world.run(`token create t${i} -r read -q`);
    const before = world.requests.length;
    const list = await world.run("token list --timeout 3s", { fetch: slow(world, "GET", 3000) });
    expect(list).toMatchObject({ code: 8, stdout: "" });
    expect(world.requests.length - before).toBe(1);
    expect((await world.run("token list -q", { fetch: slow(world, "GET", 3000) })).code).toBe(0);
  });

  test("a list stops after the default timeout", async () => {
    const world = createWorld();
    for (let i = 0; i < 101; i++) await world.run(`token create t${i} -r read -q`);
    expect((await world.run("token list", { fetch: slow(world, "GET", 600_000) })).code).toBe(8);
  });

  test("retries stop at the timeout", async () => {
    const world = createWorld("ovh-ai", {}, "fixed pauses");
    const fetch: Fetch = async () => {
      world.advance(900);
      return new Response("{}", { status: 503 });
    };
    const started = world.requests.length;
    const { code } = await world.run(`${create} --timeout 2s --retries 20`, { fetch });
    expect([8, 10]).toContain(code);
    // Two seconds for the command, and two for its reconciliation.
    expect(world.requests.length - started).toBeLessThanOrEqual(6);
  });

  test.each(["2s", "10m"])(
    "a lost response is reconciled after the timeout (%s)",
    async (timeout) => {
      const victim = createVictim();
      const fetch = victim.losing(() => {
        victim.advance(3_600_000);
        return cut();
      });
      expect((await victim.run(`${create} --timeout ${timeout}`, { fetch })).code).toBe(8);
      expect(await victim.names()).toEqual([]);
      expect(victim.journal()).toEqual([]);
    },
  );

  test("the request for the server's time counts too", async () => {
    const victim = createVictim();
    const requests: string[] = [];
    const losing = victim.losing(() => {
      victim.advance(2100);
      return cut();
    });
    const fetch: Fetch = (url, init) => {
      requests.push(init.method);
      if (requests.at(-2) === "POST") victim.advance(1950);
      return losing(url, init);
    };
    expect((await victim.run(`${create} --timeout 2s`, { fetch })).code).toBe(10);
    expect(requests).not.toContain("DELETE");
    expect(
      (await victim.run("recover", { process: { id: 8, machine: "here" }, isRunning: () => false }))
        .code,
    ).toBe(0);
    expect(await victim.names()).toEqual([]);
  });

  test("a new token that no destination received is deleted after the timeout", async () => {
    const world = createWorld();
    const fetch = slow(world, "POST", 3_600_000);
    const { code } = await world.run([...create.split(" "), "--to", "command:exit 1"], { fetch });
    expect(code).toBe(9);
    expect(await world.json("token list")).toEqual([]);
  });

  test("a token that OSMO deleted for its renewal is created again after the timeout", async () => {
    const world = createWorld("osmo");
    await world.run("token create ci");
    const fetch: Fetch = (url, init) => {
      if (init.method === "DELETE" && !url.includes("-probe-")) world.advance(10_000);
      return world.sandbox.request(url, init);
    };
    expect((await world.run("token renew ci -y --timeout 5s", { fetch })).code).toBe(0);
    expect(await names(world)).toEqual(["ci"]);
  });

  test.each(["POST", "DELETE"])("OSMO's temporary token is deleted (%s)", async (method) => {
    const world = createWorld("osmo");
    await world.run("token create ci");
    const fetch = slow(world, method, 10_000);
    expect((await world.run("token renew ci -y --timeout 5s", { fetch })).code).toBe(8);
    expect(await names(world)).toEqual(["ci"]);
  });

  test("the time spent at a prompt does not count", async () => {
    const world = createWorld();
    await world.run(create);
    const { terminal, left } = createTerminal([/\[y\/N\]/, "y\r"]);
    terminal.output.on("data", () => world.advance(3_600_000));
    expect((await world.run("token renew ci --timeout 2s", { terminal })).code).toBe(0);
    expect(left).toEqual([]);
  });
});
