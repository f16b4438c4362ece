import { expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { createVictim, cut } from "../support/lost-answers.ts";

// A renew of OSMO creates a probe, deletes the token and creates it again. After an interruption at
// any step, recover must restore the token and delete the probe.

const isProbe = (url: string) => /-probe-[0-9a-f]{8}(\?|$)/.test(url);

type Victim = ReturnType<typeof createVictim>;

/** Runs a renew until a request has completed, and stops there as if it was killed. */
const renewUntil = (
  { run, sandbox }: Victim,
  isLast: (method: string, url: string) => boolean,
  line = "token renew ci",
) =>
  new Promise<void>((resolve) => {
    const fetch: Fetch = async (url, init) => {
      const reply = await sandbox.request(url, init);
      return isLast(init.method, url) ? new Promise(() => resolve()) : reply;
    };
    void run(line, { process: { id: 7, machine: "here" }, fetch });
  });

test.each([
  ["", ""],
  ["another user's", " -u other-user@example.com"],
])("recover deletes the probe of a killed renew: %s", async (_, user) => {
  const victim = createVictim("osmo");
  const { run, json, journal } = victim;
  await run(`token create ci -r osmo-user${user}`);
  const before = await json(`token list${user}`);
  const isCreated = (method: string, url: string) => method === "POST" && isProbe(url);
  await renewUntil(victim, isCreated, `token renew ci${user}`);
  expect(await json(`token list${user}`)).toHaveLength(before.length + 1);
  expect(journal()).toHaveLength(1);
  await run("recover");
  expect(await json(`token list${user}`)).toEqual(before);
});

test("recover reports a renew that left a probe as undone", async () => {
  const victim = createVictim("osmo");
  const { run, json, names } = victim;
  const { stdout } = await run("token create ci -r osmo-user -q");
  await renewUntil(victim, (method, url) => method === "POST" && isProbe(url));
  expect(await json("recover")).toMatchObject([{ name: "ci", outcome: "undone" }]);
  expect(await names()).toEqual(["ci"]);
  expect(await run(`whoami -q --app-token ${stdout.trim()}`)).toMatchObject({ code: 0 });
});

test("keeps a probe that can't be deleted in the journal until recover deletes it", async () => {
  const victim = createVictim("osmo");
  const { run, json, names, sandbox, journal, advance } = victim;
  await run("token create ci -r osmo-user");
  advance(3_600_000);
  const { code } = await run("token renew ci", {
    process: { id: 7, machine: "here" },
    fetch: async (url, init) =>
      init.method === "DELETE" && isProbe(url)
        ? new Response("no healthy upstream", { status: 503 })
        : sandbox.request(url, init),
  });
  expect(code).toBe(12);
  expect(await names()).toHaveLength(2);
  expect(journal()).toHaveLength(1);
  advance(3_600_000);
  expect(await json("recover")).toMatchObject([{ name: "ci", outcome: "undone" }]);
  expect(await names()).toEqual(["ci"]);
  expect(journal()).toEqual([]);
});

test.each([
  ["", ""],
  ["of another user", " -u other-user@example.com"],
])(
  "recover closes the entry of a renewal that failed without changing the token %s",
  async (_, user) => {
    const victim = createVictim("osmo");
    const { run, json, sandbox, journal } = victim;
    const { token } = await json(`token create ci -r osmo-user${user}`);
    const { code } = await run(`token renew ci${user}`, {
      process: { id: 7, machine: "here" },
      fetch: async (url, init) =>
        init.method === "POST" && isProbe(url) ? cut() : sandbox.request(url, init),
    });
    expect(code).toBe(8);
    expect(journal()).toHaveLength(1);
    expect(await json("recover --dry-run")).toMatchObject([{ name: "ci", planned: "undone" }]);
    expect(await json("recover")).toMatchObject([{ name: "ci", outcome: "undone", token: null }]);
    expect(journal()).toEqual([]);
    expect(await run(`whoami --app-token ${token}`)).toMatchObject({ code: 0 });
  },
);

test("recover does not restore a token that was deleted after its renewal failed", async () => {
  const victim = createVictim("osmo");
  const { run, json, names, sandbox } = victim;
  await run("token create ci -r osmo-user");
  await run("token renew ci", {
    process: { id: 7, machine: "here" },
    fetch: async (url, init) =>
      init.method === "POST" && isProbe(url) ? cut() : sandbox.request(url, init),
  });
  await run("token delete ci");
  expect(await json("recover")).toMatchObject([{ name: "ci", outcome: "undone" }]);
  expect(await names()).toEqual([]);
});

test("keeps a token that was deleted and not created again in the journal until recover restores it", async () => {
  const victim = createVictim("osmo");
  const { run, json, names, sandbox, journal } = victim;
  await run("token create ci -r osmo-user -d nightly -e 90d");
  const before = await json("token get ci");
  const { code } = await run("token renew ci", {
    process: { id: 7, machine: "here" },
    fetch: async (url, init) =>
      init.method === "POST" && /access_token\/ci\?/.test(url)
        ? new Response("access denied", { status: 403 })
        : sandbox.request(url, init),
  });
  expect(code).toBe(9);
  expect(await names()).toEqual([]);
  expect(journal()).toHaveLength(1);
  const [restored] = await json("recover");
  expect(restored).toMatchObject({ name: "ci", outcome: "restored" });
  expect(await json("token get ci")).toEqual(before);
  expect(await run(`whoami --app-token ${restored.token}`)).toMatchObject({ code: 0 });
  expect(journal()).toEqual([]);
});

test.each([
  ["below its lifetime", 0, "2026-12-13T00:00:00Z"],
  ["below its lifetime, and it has expired", 100, "2027-03-23T00:00:00Z"],
])(
  "recover restores a token with the latest date that the service allows: the maximum is %s",
  async (_, days, end) => {
    const victim = createVictim("osmo");
    const { run, json, sandbox, advance } = victim;
    await run("token create ci -r osmo-user -e 90d");
    await renewUntil(victim, (method, url) => method === "DELETE" && !isProbe(url));
    advance(days * 86_400_000);
    const latest = end.slice(0, 10);
    const fetch: Fetch = async (url, init) =>
      (new URL(url).searchParams.get("expires_at") ?? "") > latest
        ? Response.json(
            {
              message: "Access token expiration date cannot be more than 20d from now",
              error_code: "USER",
            },
            { status: 400 },
          )
        : sandbox.request(url, init);
    expect(await json("recover", { fetch })).toMatchObject([{ outcome: "restored" }]);
    expect(await json("token get ci")).toMatchObject({ expiresAt: end });
  },
);
