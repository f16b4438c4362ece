import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { idsOf } from "../support/fleet.ts";
import { createTerminal } from "../support/terminal.ts";
import { createWorld } from "../support/world.ts";

/** A world with the tokens `a`, `b` and `c`, and their secrets by ID. */
async function createThree(api = "ovh-ai", spec = api === "osmo" ? "-r osmo-user" : "-r read") {
  const world = createWorld(api);
  const secrets = new Map<string, string>();
  for (const name of ["a", "b", "c"]) {
    const { id, token } = await world.json(`token create ${name} ${spec}`);
    secrets.set(id, token);
  }
  world.requests.length = 0;
  return { world, secrets };
}

const changes = (world: ReturnType<typeof createWorld>) =>
  world.requests.filter(({ method, url }) => method !== "GET" && !url.includes("/auth/jwt/"));

test.each([
  "a --all",
  "a --name x",
  "- --all",
  "--all --name x",
  "",
  "--dry-run",
  "-y",
  "--all --role read --role operator",
  "a -r read",
])("token renew %s is refused before anything is sent", async (line) => {
  const world = createWorld();
  const outcome = await world.run(`token renew ${line} -o json`, { stdin: "a" });
  expect([outcome.code, errorOf(outcome).code]).toEqual([2, "usage"]);
  expect(world.requests).toEqual([]);
});

describe.each([
  ["ovh-ai", "-r read"],
  ["ovh-cloud", "-r read --region GRA"],
  ["osmo", "-r osmo-user"],
])("token renew of a selection of %s", (api, spec) => {
  test("prints a line with the ID and the new secret of each token", async () => {
    const { world, secrets } = await createThree(api, spec);
    const { code, stdout } = await world.run("token renew --name [ab] -y");
    expect(code).toBe(0);
    const lines = stdout.trim().split("\n");
    const selected = idsOf(await world.json("token list --name [ab]"));
    expect(lines.map((line) => line.split(" ")[0]).sort()).toEqual(selected);
    for (const line of lines) {
      const [id = "", secret] = line.split(" ");
      expect(secret).toMatch(/^[!-~]{20,}$/);
      expect(secret).not.toBe(secrets.get(id));
    }
    expect((await world.run("recover -o json")).stdout).toBe("[]\n");
  });

  test("prints a JSON list with the secrets, also of one token", async () => {
    const { world } = await createThree(api, spec);
    const renewed = await world.json("token renew --name [ab] -y");
    expect(renewed).toHaveLength(2);
    for (const { token } of renewed) expect(token).toMatch(/^[!-~]{20,}$/);
    const quiet = await world.run("token renew --name c -q");
    expect(quiet.stdout).toMatch(/^[!-~]{20,}\n$/);
    expect(await world.json("token renew - -y", { stdin: "c" })).toMatchObject([{ name: "c" }]);
  });
});

test("the tokens of OSMO get a new expiry", async () => {
  const { world } = await createThree("osmo");
  const renewed = await world.json("token renew --all -e 2026-12-20 -y");
  expect(renewed).toHaveLength(3);
  for (const { expiresAt } of renewed) expect(expiresAt).toBe("2026-12-20T00:00:00Z");
});

test("--role selects tokens if none is named, and changes no roles", async () => {
  const world = createWorld("osmo");
  await world.json("token create a -r osmo-user");
  await world.json("token create b -r osmo-admin");
  const renewed = await world.json("token renew --role osmo-admin");
  expect(renewed).toMatchObject([{ name: "b", roles: ["osmo-admin"] }]);
  expect(await world.json("token get a")).toMatchObject({ roles: ["osmo-user"] });
  expect(await world.json("token renew a --role osmo-admin")).toMatchObject({
    name: "a",
    roles: ["osmo-admin"],
  });
});

test("--dry-run shows the tokens as token list does, and changes nothing", async () => {
  const { world } = await createThree();
  const listed = await world.json("token list --name [ab]");
  expect(await world.json("token renew --name [ab] --dry-run")).toEqual(listed);
  expect(await world.json("token renew a --dry-run")).toMatchObject([{ name: "a" }]);
  expect((await world.run("token renew nosuch --dry-run")).code).toBe(3);
  expect(await world.json("token renew --name nosuch --dry-run")).toEqual([]);
  expect(changes(world)).toEqual([]);
});

test("several tokens need --yes without a terminal", async () => {
  const { world } = await createThree();
  expect((await world.run("token renew --all")).code).toBe(2);
  expect((await world.run("token renew -", { stdin: "a\nb" })).code).toBe(2);
  expect(changes(world)).toEqual([]);
});

test("the question has the number of tokens, and a refusal renews none", async () => {
  const { world } = await createThree();
  const refusal = createTerminal([/2 tokens.*\[y\/N\]/, "n\r"]);
  expect((await world.run("token renew --name [ab]", refusal)).code).toBe(130);
  expect(changes(world)).toEqual([]);
  const consent = createTerminal([/2 tokens.*\[y\/N\]/, "y\r"]);
  expect((await world.run("token renew --name [ab]", consent)).code).toBe(0);
  expect(changes(world)).toHaveLength(2);
});

test("a selection that matches nothing succeeds", async () => {
  const { world } = await createThree();
  expect(await world.run("token renew --name nosuch")).toMatchObject({ code: 0, stdout: "" });
  expect(await world.json("token renew --name nosuch")).toEqual([]);
  expect(await world.json("token renew --name nosuch --to command:cat")).toEqual([]);
});

test("--to takes one token", async () => {
  const { world } = await createThree();
  for (const words of ["-y", "--dry-run"])
    expect((await world.run(`token renew --all --to command:cat ${words}`)).code).toBe(2);
  expect(changes(world)).toEqual([]);
  const sent = await world.json("token renew --name a --to command:cat");
  expect(sent).toMatchObject([{ name: "a", deliveries: [{ delivered: true }] }]);
});

test("failures are named, and the secrets of the other tokens are printed", async () => {
  const { world } = await createThree();
  const [{ id }] = await world.json("token list --name b");
  const { code, stdout, stderr } = await world.run("token renew --all -y -o json", {
    fetch: async (url, init) =>
      url.includes(id) && init.method !== "GET"
        ? Response.json({ message: "no" }, { status: 403 })
        : world.sandbox.request(url, init),
  });
  expect(code).toBe(9);
  expect(errorOf({ stderr }).message).toContain(id);
  const renewed: { id: string; name: string }[] = JSON.parse(stdout);
  expect(renewed.map(({ name }) => name).sort()).toEqual(["a", "c"]);
});

test("at most eight renewals run at a time", async () => {
  const world = createWorld();
  for (let i = 0; i < 12; i++) await world.json(`token create t${i} -r read`);
  let [open, most] = [0, 0];
  const renewed = await world.json("token renew --name t* -y", {
    fetch: async (url, init) => {
      if (!url.endsWith("/renew")) return world.sandbox.request(url, init);
      most = Math.max(most, ++open);
      for (let left = 20; left > 0; left--) await new Promise(setImmediate);
      open--;
      return world.sandbox.request(url, init);
    },
  });
  expect(renewed).toHaveLength(12);
  expect(most).toBe(8);
});

test("^C prints the secrets of the tokens that were renewed, and starts no other renewal", async () => {
  const world = createWorld();
  for (let i = 0; i < 20; i++) await world.json(`token create t${i} -r read`);
  const interrupt = new AbortController();
  let renewals = 0;
  const { code, stdout } = await world.run("token renew --name t* -y -o json", {
    interrupt: interrupt.signal,
    fetch: async (url, init) => {
      const reply = await world.sandbox.request(url, init);
      if (url.endsWith("/renew") && ++renewals === 10) interrupt.abort("SIGINT");
      return reply;
    },
  });
  expect(code).toBe(130);
  expect(renewals).toBeLessThan(20);
  const renewed: { token: string }[] = JSON.parse(stdout);
  expect(renewed.length).toBeGreaterThan(0);
});

test("a lost response is reconciled, and the secret is printed", async () => {
  const { world } = await createThree();
  let isLost = false;
  const renewed = await world.json("token renew --all -y", {
    fetch: async (url, init) => {
      const reply = await world.sandbox.request(url, init);
      if (isLost || !url.endsWith("/renew")) return reply;
      isLost = true;
      throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
    },
  });
  expect(isLost).toBe(true);
  expect(renewed).toHaveLength(3);
});

test("secrets that can't be written are reported with the renewal of each token", async () => {
  const { world, secrets } = await createThree();
  const { code, stderr } = await world.run("token renew --name [abc] -y", {
    stdout: { write: () => Promise.reject(Object.assign(new Error(), { code: "EPIPE" })) },
  });
  expect(code).toBe(10);
  for (const id of secrets.keys()) expect(stderr).toContain(`tokctl token renew ${id}`);
});

test("the credential in use is skipped, with a note", async () => {
  const { world } = await createThree();
  const { id, token } = await world.json("token create mine -r operator");
  const { code, stdout, stderr } = await world.run("token renew --all -y -o json", {
    env: { TOKCTL_APP_TOKEN: token },
  });
  expect(code).toBe(0);
  expect(stderr).toContain(id);
  expect(stdout).not.toContain(id);
  expect((await world.run("whoami", { env: { TOKCTL_APP_TOKEN: token } })).code).toBe(0);
});
