import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createVictim, cut } from "../support/lost-answers.ts";

const create = "token create ci -r ai_training_read -l group=A";

describe("a create whose response is lost", () => {
  test.each([
    ["the connection is reset", cut],
    ["a proxy responds with 502", () => new Response("", { status: 502 })],
    ["a proxy responds with a web page", () => new Response("<html>", { status: 200 })],
  ])("deletes the token non-interactively, if %s", async (_, happen) => {
    const { run, losing, names, journal } = createVictim();
    const lost = await run(`${create} -o json`, { fetch: losing(happen) });
    expect(lost).toMatchObject({ code: 8, stdout: "" });
    expect(errorOf(lost)).toMatchObject({
      code: "network",
      message: expect.stringMatching(/"ci" \([-\da-f]{36}\)/),
    });
    expect(await names()).toEqual([]);
    expect(journal()).toEqual([]);
  });

  test("renews the token with --on-lost renew", async () => {
    const { run, losing, journal } = createVictim();
    const made = await run(`${create} --on-lost renew`, { fetch: losing() });
    expect(made.code).toBe(0);
    expect(made.stderr).toMatch(/"ci" \([-\da-f]{36}\)/);
    const whoami = await run(`whoami -q --app-token ${made.stdout.trim()}`);
    expect(whoami).toMatchObject({ code: 0, stdout: "ci\n" });
    expect(journal()).toEqual([]);
  });

  test("keeps the token with --on-lost keep, and prints the command to renew it", async () => {
    const { run, losing, names, journal } = createVictim();
    const kept = await run(`${create} --on-lost keep`, { fetch: losing() });
    expect(kept).toMatchObject({ code: 10, stdout: "" });
    expect(errorOf(kept).code).toBe("outcome_unknown");
    expect(kept.stderr).toMatch(/tokctl token renew [-\da-f]{36}/);
    expect(await names()).toEqual(["ci"]);
    expect(journal()).toEqual([]);
  });

  test("does not delete an older token with the same name", async () => {
    const { run, losing, names } = createVictim();
    await run(create);
    expect((await run(create, { fetch: losing() })).code).toBe(8);
    expect(await names()).toEqual(["ci"]);
  });

  test("does not delete tokens with another name, role or label selector", async () => {
    const { run, losing, sandbox, names } = createVictim();
    const others = [
      "token create ci -r ai_training_read -l group=B",
      "token create ci -r operator -l group=A",
      "token create cd -r read -l group=A",
    ];
    const fetch = losing(async () => {
      for (const line of others) await run(line, { fetch: sandbox.request });
      cut();
    });
    expect((await run(create, { fetch })).code).toBe(8);
    expect((await names()).toSorted()).toEqual(["cd", "ci", "ci"]);
  });

  test("deletes nothing if another machine created an identical token, and lists both", async () => {
    const { run, losing, sandbox, names, journal, elsewhere } = createVictim();
    const fetch = losing(async () => {
      await run(create, { fetch: sandbox.request, env: elsewhere });
      cut();
    });
    const { code, stderr } = await run(create, { fetch });
    expect(code).toBe(10);
    expect(stderr.match(/"ci" \([-\da-f]{36}\).* 2026-11-23 12:00:00/g)).toHaveLength(2);
    expect(await names()).toEqual(["ci", "ci"]);
    expect(journal()).toHaveLength(1);
  });

  test("does not delete an identical token that another process of this machine created meanwhile", async () => {
    const { run, losing, sandbox, names, journal } = createVictim();
    let secret = "";
    const fetch = losing(async () => {
      secret = (await run(create, { fetch: sandbox.request })).stdout.trim();
      cut();
    });
    expect((await run(create, { fetch })).code).toBe(8);
    expect(await names()).toEqual(["ci"]);
    expect((await run(`whoami --app-token ${secret}`)).code).toBe(0);
    expect(journal()).toEqual([]);
  });

  test("deletes nothing if another process of this machine is creating an identical token", async () => {
    const { run, runHalf, deaf, names } = createVictim();
    const isRunning = () => true;
    let sent = false;
    const fetch: Fetch = async (url, init) => {
      if (init.method === "POST" && !sent) {
        sent = true;
        await runHalf(create);
      }
      return deaf(url, init);
    };
    expect((await run(create, { fetch, isRunning })).code).toBe(10);
    expect(await names()).toEqual(["ci"]);
  });

  test("deletes nothing if the token was created at another time", async () => {
    const { run, sandbox, names, journal } = createVictim();
    const fetch: Fetch = async (url, init) => {
      const reply = await sandbox.request(url, init);
      if (init.method === "POST") return cut();
      const { status, headers } = reply;
      const text = (await reply.text()).replaceAll("2026-11-23T12:", "2026-11-23T13:");
      return new Response(status === 204 ? null : text, { status, headers });
    };
    const { code, stderr } = await run(`${create} -o json`, { fetch });
    expect(code).toBe(10);
    expect(errorOf({ stderr }).hint).toMatch(/"ci" \([-\da-f]{36}\).* 2026-11-23 13:00:00/);
    expect(await names()).toEqual(["ci"]);
    expect(journal()).toHaveLength(1);
  });

  test("deletes the token although the local clock is off by a day", async () => {
    const { run, sandbox, names } = createVictim();
    const day = 86_400_000;
    const fetch: Fetch = async (url, init) => {
      const reply = await sandbox.request(url, init);
      if (init.method === "POST") cut();
      const text = (await reply.text()).replaceAll("2026-11-23T", "2026-11-24T");
      const date = new Date(Date.parse(reply.headers.get("date") ?? "") + day).toUTCString();
      const status = reply.status;
      return new Response(status === 204 ? null : text, { status, headers: { date } });
    };
    expect((await run(create, { fetch })).code).toBe(8);
    expect(await names()).toEqual([]);
  });

  test.each(["0", "yesterday", "Sat, 13 Sep 275760 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"])(
    "deletes the token although the server's Date header is %s",
    async (date) => {
      const { run, losing, names } = createVictim();
      const lossy = losing();
      const fetch: Fetch = async (url, init) => {
        const { status, body } = await lossy(url, init);
        const headers = { get: (name: string) => (name === "date" ? date : null), forEach() {} };
        return { status, body, headers };
      };
      expect((await run(create, { fetch })).code).toBe(8);
      expect(await names()).toEqual([]);
    },
  );

  test("deletes nothing if no token was created", async () => {
    const { run, sandbox, names, journal } = createVictim();
    const fetch: Fetch = async (url, init) =>
      init.method === "POST" ? cut() : sandbox.request(url, init);
    const { code, stderr } = await run(create, { fetch });
    expect(code).toBe(10);
    expect(errorOf({ stderr }).code).toBe("outcome_unknown");
    expect(stderr).toContain('"ci"');
    expect(stderr).toContain("tokctl recover");
    expect(await names()).toEqual([]);
    expect(journal()).toHaveLength(1);
  });

  test("deletes nothing if the token appears later, since another client may have created it", async () => {
    const { run, json, sandbox, names } = createVictim();
    let taken: (() => Promise<unknown>) | undefined;
    const fetch: Fetch = async (url, init) => {
      if (init.method !== "POST") return sandbox.request(url, init);
      taken = async () => sandbox.request(url, init);
      return cut();
    };
    const sleep = () => {
      taken?.();
      taken = undefined;
    };
    expect((await run(create, { fetch, sleep, process: { id: 7, machine: "here" } })).code).toBe(
      10,
    );
    const [{ id }] = await json("token list");
    expect(await json(`recover --candidate ${id}`)).toMatchObject([{ outcome: "revoked" }]);
    expect(await names()).toEqual([]);
  });

  test("stays in the journal if the list request fails", async () => {
    const { run, losing, names, journal } = createVictim();
    let sent = 0;
    const fetch: Fetch = async (url, init) =>
      url.includes("/v1/token") && ++sent > 2 ? cut() : losing()(url, init);
    const { code, stderr } = await run(create, { fetch });
    expect(code).toBe(10);
    expect(errorOf({ stderr }).code).toBe("outcome_unknown");
    expect(stderr).toContain("tokctl recover");
    expect(await names()).toEqual(["ci"]);
    expect(journal()).toHaveLength(1);
  });

  test("deletes the token after SIGTERM", async () => {
    const { run, losing, names } = createVictim();
    const stop = new AbortController();
    const fetch = losing(() => {
      stop.abort("SIGTERM");
      throw stop.signal.reason;
    });
    const { code, stderr } = await run(create, { fetch, interrupt: stop.signal });
    expect(code).toBe(143);
    expect(errorOf({ stderr }).message).toMatch(/"ci" \([-\da-f]{36}\)/);
    expect(await names()).toEqual([]);
  });

  test("is never sent twice", async () => {
    const { run, losing, requests } = createVictim();
    await run(create, { fetch: losing() });
    expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test("is not sent if the existing tokens can't be listed", async () => {
    const { run, requests, journal } = createVictim();
    const { code } = await run(create, { fetch: async () => cut() });
    expect(code).toBe(8);
    expect(requests.filter(({ method }) => method === "POST")).toEqual([]);
    expect(journal()).toEqual([]);
  });

  test("deletes the OSMO token, found by name and dated by its roles", async () => {
    const { run, losing, names } = createVictim("osmo");
    const { code } = await run("token create ci -r osmo-user", { fetch: losing() });
    expect(code).toBe(8);
    expect(await names()).toEqual([]);
  });

  test("deletes the OSMO token with an empty description", async () => {
    const { run, losing, names } = createVictim("osmo");
    const line = ["token", "create", "ci", "-r", "osmo-user", "-d", ""];
    expect((await run(line, { fetch: losing() })).code).toBe(8);
    expect(await names()).toEqual([]);
  });

  test("deletes the ML Serving token, found by its resource", async () => {
    const { run, losing, json } = createVictim("ovh-serving");
    const line = "token create -r model-evaluation --resource iris*";
    expect((await run(line, { fetch: losing() })).code).toBe(8);
    expect(await json("token list")).toEqual([]);
  });
});

describe("a renew whose response is lost", () => {
  test("is repeated, non-interactively, since the previous secret no longer works", async () => {
    const { run, losing, journal } = createVictim();
    await run(create);
    const renewed = await run("token renew ci", { fetch: losing() });
    expect(renewed.code).toBe(0);
    const whoami = await run(`whoami -q --app-token ${renewed.stdout.trim()}`);
    expect(whoami).toMatchObject({ code: 0, stdout: "ci\n" });
    expect(journal()).toEqual([]);
  });

  test("deletes the token with --on-lost revoke", async () => {
    const { run, losing, names } = createVictim();
    await run(create);
    const { code, stderr } = await run("token renew ci --on-lost revoke", { fetch: losing() });
    expect(code).toBe(8);
    const { code: error, message, hint } = errorOf({ stderr });
    expect(error).toBe("network");
    expect(message).toMatch(/"ci" \([-\da-f]{36}\)/);
    expect(hint).toContain("tokctl token create");
    expect(await names()).toEqual([]);
  });

  test("that had no effect keeps the secret and is exit 10", async () => {
    const { run, sandbox, requests } = createVictim();
    const secret = (await run(create)).stdout.trim();
    const fetch: Fetch = async (url, init) =>
      init.method === "POST" ? cut() : sandbox.request(url, init);
    const { code } = await run("token renew ci", { fetch });
    expect(code).toBe(10);
    expect(requests.filter(({ url }) => url.endsWith("/renew"))).toHaveLength(1);
    expect((await run(`whoami --app-token ${secret}`)).code).toBe(0);
  });

  test("of ML Serving is exit 10 without --on-lost, since the API does not show whether it happened", async () => {
    const { run, json, losing } = createVictim("ovh-serving");
    const { id } = await json("token create -r model-evaluation --resource iris*");
    const lost = await run(`token renew ${id}`, { fetch: losing() });
    expect(lost).toMatchObject({ code: 10, stdout: "" });
    const renewed = await run(`token renew ${id} --on-lost renew`, { fetch: losing() });
    expect(renewed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\S+\n$/) });
  });

  test("of ML Serving with --on-lost keep is reported as possible, not as done", async () => {
    const { run, json, losing, journal } = createVictim("ovh-serving");
    const { id } = await json("token create -r model-evaluation --resource iris*");
    const lost = await run(`token renew ${id} --on-lost keep -o json`, { fetch: losing() });
    expect(lost).toMatchObject({ code: 10, stdout: "" });
    const { error } = JSON.parse(lost.stderr);
    expect(error.message).toContain(`"${id}" may have been renewed`);
    expect(error.message).not.toContain("was renewed");
    expect(error.hint).toContain(`tokctl token renew ${id}`);
    expect(journal()).toEqual([]);
  });
});
