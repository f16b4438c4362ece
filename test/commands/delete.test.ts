import { expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createTerminal } from "../support/terminal.ts";
import { createWorld } from "../support/world.ts";

test("a name given twice is one token", async () => {
  const world = createWorld();
  expect((await world.run("token delete nosuch nosuch")).code).toBe(3);
  await world.json("token create ci -r read");
  expect(await world.json("token delete ci ci")).toHaveLength(1);
});

test("a token is deleted by name although its lookup by id failed", async () => {
  const world = createWorld();
  const { id } = await world.json("token create ci -r read");
  const { code, stdout } = await world.run(["token", "delete", id, "ci", "-y", "-o", "json"], {
    fetch: async (url, init) =>
      init.method === "GET" && url.endsWith(id)
        ? new Response("busy", { status: 503 })
        : world.sandbox.request(url, init),
  });
  expect(code).toBe(9);
  expect(JSON.parse(stdout)).toMatchObject([
    { name: id, deleted: false },
    { id, name: "ci", deleted: true },
  ]);
  expect(await world.json("token list")).toEqual([]);
});

test("lists the results in the order of the arguments", async () => {
  const world = createWorld();
  for (const name of ["a", "b"]) await world.json(`token create ${name} -r read`);
  const { stdout } = await world.run("token delete b nosuch a -y -o json");
  expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual([
    "b",
    "nosuch",
    "a",
  ]);
});

test("deletes at most eight tokens at a time, and lists them in order", async () => {
  const world = createWorld();
  const names = Array.from({ length: 20 }, (_, i) => `t${i}`);
  for (const name of names) await world.json(`token create ${name} -r read`);
  let [open, most] = [0, 0];
  const { code, stdout } = await world.run(["token", "delete", "-y", ...names], {
    fetch: async (url, init) => {
      if (init.method !== "DELETE") return world.sandbox.request(url, init);
      most = Math.max(most, ++open);
      // The later one comes, the sooner it is answered.
      for (let left = 30 - open; left > 0; left--) await new Promise(setImmediate);
      open--;
      return world.sandbox.request(url, init);
    },
  });
  expect(code).toBe(0);
  expect(most).toBe(8);
  expect(stdout.match(/(?<=")\w+(?=")/g)).toEqual(names);
  expect(await world.json("token list")).toEqual([]);
});

test("more than ten results are counted at a terminal, and listed in a pipe", async () => {
  const world = createWorld();
  const names = Array.from({ length: 11 }, (_, i) => `t${i}`);
  const createAll = () =>
    Promise.all(names.map((name) => world.json(`token create ${name} -r read`)));
  await createAll();
  const shown = await world.run(["token", "delete", "-y", ...names], { stdout: { isTTY: true } });
  expect(shown).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(/\b11\b/) });
  await createAll();
  const piped = await world.run(["token", "delete", "-y", ...names]);
  expect(piped).toMatchObject({ code: 0, stderr: "" });
  expect(piped.stdout.trim().split("\n")).toHaveLength(11);
  await createAll();
  const deletions = await world.json(["token", "delete", "-y", ...names], {
    stdout: { isTTY: true },
  });
  expect(deletions).toHaveLength(11);
});

test.each([
  ["token delete a b -y", ""],
  ["token renew - -y", "a\nb"],
  ["app delete a b -y", ""],
])("%s lists the cause of each failure, with commands for the same target", async (line, stdin) => {
  const world = createWorld();
  const command = `${line} --provider ovh-ai`;
  const { code, stderr } = await world.run(command, { stdin });
  expect(code).toBe(9);
  for (const name of ["a", "b"]) expect(stderr).toMatch(new RegExp(`^ {2}\\S.*"${name}"`, "m"));
  expect(stderr).toMatch(/tokctl \w+ list --provider ovh-ai/);
  const { hint } = errorOf(await world.run(`${command} -o json`, { stdin }));
  expect(hint).toMatch(/"a".*"b"/s);
});

test("--missing-ok names the tokens that were skipped", async () => {
  const world = createWorld();
  await world.json("token create ci -r read");
  const { code, stdout, stderr } = await world.run("token delete -y ci gone --missing-ok");
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^.*"ci".*\n$/) });
  expect(stderr).toContain('"gone"');
  expect((await world.run("token delete gone --missing-ok -q")).stderr).toBe("");
});

test.each(["token", "app", "job", "notebook"])(
  "deleting more than one %s non-interactively needs --yes, and sends nothing without",
  async (kind) => {
    const world = createWorld();
    for (const line of [`${kind} delete a b`, `${kind} rm a b --missing-ok`]) {
      const { code, stderr } = await world.run(`${line} -o json`);
      expect({ code, ...JSON.parse(stderr).error }).toMatchObject({ code: "usage", exitCode: 2 });
    }
    expect((await world.run(`${kind} delete a b`)).code).toBe(2);
    expect(world.requests).toEqual([]);
    expect((await world.run(`${kind} delete a b --missing-ok --yes`)).code).toBe(0);
  },
);

test("an ambiguous name lists each token on its own line with id, role, label selector and creation time", async () => {
  const world = createWorld();
  await world.run("token create ci -r ai_training_read -l group=A");
  await world.run("token create ci -r ai_training_operator");
  const { code, stderr } = await world.run("token delete ci");
  expect(code).toBe(6);
  const ids = (await world.run("token list -q")).stdout.trim().split("\n");
  const told = ids.map((id) => stderr.split("\n").filter((line) => line.includes(id)));
  expect(told).toEqual([
    [expect.stringMatching(/ai_training_read.*group=A.* 2026-11-23 12:00:00 UTC$/)],
    [expect.stringMatching(/ai_training_operator.* 2026-11-23 12:00:00 UTC$/)],
  ]);
});

test.each(["true", "TRUE", "1"])("CI=%s with a terminal is non-interactive", async (CI) => {
  const world = createWorld();
  const { terminal } = createTerminal();
  const { code, stderr } = await world.run("token delete a b", { terminal, env: { CI } });
  expect(code).toBe(2);
  expect(stderr).toContain(`CI=${CI}`);
  expect(stderr).not.toContain("no terminal");
  expect(world.requests).toEqual([]);
});

test.each(["", "0", "false", "xyz", "ZZi6/secret"])(
  "CI=%s at a terminal leaves the confirmation",
  async (CI) => {
    const world = createWorld();
    await world.run("token create ci -r ai_training_read");
    const { terminal } = createTerminal([/\[y\/N\]/, "n\r"]);
    const { code } = await world.run("token delete ci", { terminal, env: { CI } });
    expect(code).toBe(130);
    expect((await world.run("token list -q")).stdout).not.toBe("");
  },
);
