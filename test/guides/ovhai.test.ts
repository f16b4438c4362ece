import { describe, expect, test } from "vitest";
import { useShell, walk } from "../support/reader.ts";
import { createWorld } from "../support/world.ts";

// The `ovhai token …` invocations that the platform's guides print, with `tokctl` in their place.
describe("the ovhai guides", () => {
  test("ovhai token create --help", async () => {
    const { code, stdout } = await createWorld().run("token create --help");
    expect(code).toBe(0);
    for (const option of ["-r, --role", "-l, --label-selector", "-o, --output", "-h, --help"])
      expect(stdout).toContain(option);
    const { stdout: global } = await createWorld().run("help options");
    for (const option of ["--token", "--no-color"]) expect(global).toContain(option);
  });

  test.each([
    [
      "token create basetoken --label-selector model=base --role operator",
      "basetoken",
      "ai_training_operator",
      "model=base",
    ],
    [
      "token create reader-token --role read --label-selector group=A",
      "reader-token",
      "ai_training_read",
      "group=A",
    ],
    [
      "token create operator-token --role operator --label-selector group=A",
      "operator-token",
      "ai_training_operator",
      "group=A",
    ],
    ["token create --role operator ops", "ops", "ai_training_operator", null],
  ])("ovhai %s", async (line, name, role, labelSelector) => {
    const world = createWorld();
    const { code, stdout } = await world.run(line);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[A-Za-z0-9+/]{64}\n$/);
    expect(await world.json("token list")).toMatchObject([{ name, roles: [role], labelSelector }]);
  });

  test("ovhai token create … -o description prints the block that the guide shows", async () => {
    const { stdout } = await createWorld().run(
      "token create my-token -r read -l subject=image-recognition -o description",
    );
    const secret = /^Token: {4}(\S{64})$/m.exec(stdout)?.[1];
    const id = /^ {2}ID: {13}(\S{36})$/m.exec(stdout)?.[1];
    expect(stdout.split("\n")).toEqual([
      "Info:     ",
      `  ID:             ${id}`,
      "  Name:           my-token",
      "  Role:           ai_training_read",
      "  Label selector: subject=image-recognition",
      "  Version:        1",
      "  Created at:     2026-11-23 12:00:00.000000101 UTC",
      "  Updated at:     2026-11-23 12:00:00.000000101 UTC",
      "",
      `Token:    ${secret}`,
      "",
    ]);
  });

  test("ovhai token list, then ovhai token delete <token-id>", async () => {
    const world = createWorld();
    await world.run("token create basetoken --role operator");
    const { stdout } = await world.run("token list");
    const id = /^([0-9a-f-]{36}) +basetoken /m.exec(stdout)?.[1] ?? "";
    expect(await world.run(["token", "delete", id])).toMatchObject({
      code: 0,
      stdout: `Deleted token "basetoken" (${id}).\n`,
    });
    expect(await world.json("token list")).toEqual([]);
  });

  test("ovhai token renew <token-id> keeps name and label selector, and invalidates the old value", async () => {
    const world = createWorld();
    const { id, token, ...before } = await world.json(
      "token create basetoken --label-selector model=base --role operator",
    );
    const { code, stdout } = await world.run(["token", "renew", id]);
    expect(code).toBe(0);
    const { name, labelSelector, version } = await world.json(["token", "get", id]);
    expect({ name, labelSelector, version }).toEqual({
      name: before.name,
      labelSelector: before.labelSelector,
      version: 2,
    });
    expect((await world.run(["whoami", "--token", token])).code).toBe(4);
    expect((await world.run(["whoami", "--app-token", stdout.trim()])).code).toBe(0);
  });

  test("an operator token works as --app-token", async () => {
    const world = createWorld();
    const { token } = await world.json("token create operator-token --role operator");
    expect(await world.json(["token", "list", "--app-token", token])).toHaveLength(1);
  });
});

const { shell, json, query } = useShell();

walk("an app token for jobs, from its creation to its end", async () => {
  // "An unscoped token will have access to all jobs."
  const unscoped = await shell("tokctl token create everything --role operator");
  const basetoken = await shell(
    "tokctl token create basetoken --label-selector model=base --role operator",
  );
  const reader = await shell("tokctl token create reader --label-selector name=value --role read");

  // "when running a new job add the label to the job to be accessible"
  const job = await json("tokctl job run -l name=value ubuntu");
  expect(await query(job.url, reader)).toBe("Hello, World! 200");
  expect(await query(job.url, unscoped)).toBe("Hello, World! 200");
  expect(await query(job.url, basetoken)).toMatch(/ 403$/);

  // "the label-selector is automatically added to the created job"
  const hello = "tokctl job run --app-token $TOKEN -o json ubuntu -- echo 'Hello World'";
  const made = JSON.parse(await shell(hello, { TOKEN: basetoken }));
  expect(made).toMatchObject({ image: "ubuntu", labels: { model: "base" }, user: "basetoken" });

  // An operator token with the API itself, and with the command line; a read token with neither.
  const call = "curl -s -o /dev/null -w '%{http_code}' $TOKCTL_URL/v1/job";
  const withHeader = `${call} -H "Authorization: Bearer $TOKEN"`;
  expect(await shell(withHeader, { TOKEN: basetoken })).toBe("200");
  expect(await shell(withHeader, { TOKEN: reader })).toBe("403");
  expect(await shell("tokctl job list -q --app-token $TOKEN", { TOKEN: basetoken })).toBe(made.id);

  // Token lifecycle: by the ids that the list shows.
  const [base, , read] = await json("tokctl token list --sort name");
  const renewed = await shell("tokctl token renew $ID", { ID: base.id });
  expect(await shell(withHeader, { TOKEN: basetoken })).toBe("401");
  expect(await shell(withHeader, { TOKEN: renewed })).toBe("200");
  await shell("tokctl token delete $ID", { ID: read.id });
  expect(await query(job.url, reader)).toMatch(/ 401$/);
});
