import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createWorld, type World } from "../support/world.ts";

const keys = [
  "kind",
  "id",
  "name",
  "image",
  "state",
  "url",
  "labels",
  "user",
  "createdAt",
  "updatedAt",
];
const image = "infrastructureascode/hello-world";

const idOf = async (world: World, app: string): Promise<string> =>
  (await world.json(`app get ${app}`)).id;

/** A credential limited to resources with a label. */
async function scoped(world: World, role: string, labelSelector?: string): Promise<string> {
  const scope = labelSelector ? ["-l", labelSelector] : [];
  return (await world.json(["token", "create", "scoped", "-r", role, ...scope])).token;
}

describe("app", () => {
  test("is created, found, stopped, started and deleted", async () => {
    const world = createWorld();
    const before = (await world.json("app list")).length;
    const made = await world.json("app run ubuntu --name mine -l team=red --label group=C");
    expect(Object.keys(made)).toEqual(keys);
    expect(made).toEqual({
      kind: "app",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "mine",
      image: "ubuntu",
      state: "RUNNING",
      url: `http://${made.id}.app.localhost:8787/`,
      labels: { team: "red", group: "C", "ovh/id": made.id, "ovh/type": "app" },
      user: "sandbox-operator",
      createdAt: expect.stringMatching(/^2026-11-23T12:00:00\.\d{9}Z$/),
      updatedAt: made.createdAt,
    });
    for (const reference of [made.id, "mine", made.id.slice(0, 6)])
      expect(await world.json(`app get ${reference}`)).toEqual(made);
    expect(await world.json("app list")).toHaveLength(before + 1);
    expect(await world.json("app ls --label team=red")).toEqual([made]);
    expect(await world.json("app list --label team=blue")).toEqual([]);

    expect(await world.json("app stop mine")).toMatchObject({ id: made.id, state: "STOPPED" });
    expect(await world.json("app start mine")).toMatchObject({ state: "RUNNING" });
    expect(await world.json("app delete mine")).toEqual([
      { id: made.id, name: "mine", deleted: true },
    ]);
    expect((await world.run("app get mine")).code).toBe(3);
  });

  test("gets, changes and loses labels", async () => {
    const world = createWorld();
    const { id, labels } = await world.json("app run ubuntu --name mine");
    expect((await world.json(`app set-label ${id} group A`)).labels).toEqual({
      ...labels,
      group: "A",
    });
    expect((await world.json("app set-label mine group B")).labels.group).toBe("B");
    expect((await world.json(`app get ${id}`)).labels.group).toBe("B");
    expect((await world.json(`app set-label ${id} group --delete`)).labels).toEqual(labels);
    expect((await world.json(`app get ${id}`)).labels).toEqual(labels);
  });
});

test.each([
  ["job", "job run ubuntu", "INTERRUPTED"],
  ["notebook", "notebook run", "STOPPED"],
])("%s commands send requests to the paths of their kind", async (kind, run, stopped) => {
  const world = createWorld();
  const { id } = await world.json(`${run} --name mine -l team=red`);
  world.requests.length = 0;
  expect(await world.json(`${kind} list --label team=red`)).toMatchObject([{ kind, id }]);
  expect(await world.json(`${kind} get ${id}`)).toMatchObject({ kind, id });
  expect(await world.json(`${kind} stop ${id}`)).toMatchObject({ state: stopped });
  expect(await world.json(`${kind} delete ${id}`)).toMatchObject([{ id, deleted: true }]);
  const paths = world.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
  expect(new Set(paths)).toEqual(
    new Set([
      `GET /v1/${kind}`,
      `GET /v1/${kind}/${id}`,
      `PUT /v1/${kind}/${id}/stop`,
      `DELETE /v1/${kind}/${id}`,
    ]),
  );
});

describe("the output", () => {
  test("of one resource is a block with the labels first", async () => {
    const world = createWorld();
    const id = await idOf(world, "hello-a");
    const block = [
      "Info:     ",
      `  Labels:     group=A, ovh/id=${id}, ovh/type=app`,
      "  Kind:       app",
      `  ID:         ${id}`,
      "  Name:       hello-a",
      `  Image:      ${image}`,
      "  State:      RUNNING",
      `  URL:        http://${id}.app.localhost:8787/`,
      "  User:       sandbox-operator",
      expect.stringMatching(/^ {2}Created at: 2026-11-23 12:00:00\.\d{9} UTC$/),
      expect.stringMatching(/^ {2}Updated at: 2026-11-23 12:00:00\.\d{9} UTC$/),
      "",
    ];
    for (const line of ["app get hello-a", "app get hello-a -o description"])
      expect((await world.run(line)).stdout.split("\n")).toEqual(block);
    expect((await world.run("app get hello-a -q")).stdout).toBe(`${id}\n`);
    expect((await world.run("app get hello-a -o yaml")).stdout).toContain("ovh/type: app\n");
  });

  test("of a list is a table in the order of creation, without the platform's own labels", async () => {
    const world = createWorld();
    const { stdout, stderr } = await world.run("app list");
    expect(stderr).toBe("");
    const [head, ...rows] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ {2,}/));
    expect(head).toEqual(["ID", "NAME", "STATE", "IMAGE", "LABELS", "URL"]);
    expect(rows.map(([, ...row]) => row.slice(0, 4))).toEqual([
      ["hello-a", "RUNNING", image, "group=A"],
      ["hello-b", "RUNNING", image, "group=B"],
      ["hello-stopped", "STOPPED", image, "-"],
    ]);
    expect((await world.run("app list -q")).stdout).toBe(`${rows.map(([id]) => id).join("\n")}\n`);
  });

  test("of an empty list is empty, or [] as JSON", async () => {
    const { run } = createWorld();
    const line = "job list --label group=none";
    expect(await run(line)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await run(`${line} -o json`)).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });
});

describe("a command after --", () => {
  test("is sent unchanged", async () => {
    const world = createWorld();
    await world.run("job run -l name=value ubuntu -- echo -l --name Hello -- -q");
    expect(JSON.parse(world.requests[0]?.body ?? "")).toEqual({
      image: "ubuntu",
      labels: { name: "value" },
      command: ["echo", "-l", "--name", "Hello", "--", "-q"],
    });
  });

  test("is not sent if there is none", async () => {
    const world = createWorld();
    await world.run("app run ubuntu");
    expect(world.requests[0]?.body).toBe('{"image":"ubuntu"}');
  });
});

describe("refused before anything is sent", () => {
  test.each([
    ["an app without an image", "app run", "image"],
    ["a job with its image after --", "job run -l a=b -- ubuntu", '"ubuntu"'],
    ["a notebook with a command", "notebook run ubuntu -- jupyter", "command"],
    ["an empty image", ["app", "run", ""], "image"],
    ["an empty name", ["app", "run", "ubuntu", "--name", ""], "--name"],
    ["a reserved label of a new app", "app run ubuntu -l ovh/id=1", "ovh/"],
    ["an invalid label", "app run ubuntu -l group", "name=value"],
    ["a label given twice", "app run ubuntu -l a=b -l a=c", '"a"'],
    ["a reserved label", "app set-label hello-a ovh/id 1", "ovh/"],
    ["the deletion of a reserved label", "job set-label training ovh/type --delete", "ovh/"],
    ["a label without a value", "app set-label hello-a group", "--delete"],
    ["a deletion with a value", "app set-label hello-a group A --delete", "--delete"],
    ["an empty value", ["app", "set-label", "hello-a", "group", ""], '"group="'],
    ["an empty label name", ["app", "set-label", "hello-a", "", "A"], '"=A"'],
    ["the deletion of an empty label name", ["app", "set-label", "x", "", "--delete"], '""'],
    ["a label name with =", "app set-label hello-a group=A B", '"group=A=B"'],
    ["a value with a comma", "app set-label hello-a group A,B", '"group=A,B"'],
    ["two label selectors", "app list --label a=b --label c=d", "--label"],
    ["an empty id", ["app", "get", ""], "tokctl app list"],
    ["apps of OSMO", "app list --provider osmo", "NVIDIA OSMO"],
    ["jobs of the public API", "job delete training --provider ovh-cloud", "OVHcloud public API"],
  ])("%s", async (_, line, named) => {
    const { run, requests } = createWorld();
    const { code, stdout, stderr } = await run(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(stderr).toContain(named);
    expect(requests).toEqual([]);
  });
});

describe("an ambiguous name", () => {
  test("is a conflict that lists the candidates", async () => {
    const world = createWorld();
    const first = await world.json("app run ubuntu --name twin");
    const second = await world.json("app run ubuntu --name twin");
    for (const verb of ["get", "start", "stop", "delete"]) {
      const { code, stderr } = await world.run(`app ${verb} twin`);
      expect(code).toBe(6);
      const { code: error, message } = errorOf({ stderr });
      expect(error).toBe("conflict");
      expect(message).toMatch(/\b2 apps\b.*"twin"/);
      expect(stderr).toContain(first.id);
      expect(stderr).toContain(second.id);
    }
  });

  test("is only looked up within one kind", async () => {
    const world = createWorld();
    const { code, stderr } = await world.run("notebook get training");
    expect(code).toBe(3);
    expect(errorOf({ stderr })).toEqual({
      code: "not_found",
      message: expect.stringContaining('notebook "training"'),
      hint: expect.stringContaining("tokctl notebook list"),
    });
  });

  test.each(["stop", "delete"])(
    "is refused by %s without confirmation, if it is the beginning of an id",
    async (verb) => {
      const world = createWorld();
      const id = await idOf(world, "hello-a");
      const { code, stderr } = await world.run(`app ${verb} ${id.slice(0, 8)} -y`);
      expect(code).toBe(2);
      expect(errorOf({ stderr })).toMatchObject({
        code: "usage",
        message: expect.stringContaining(id),
      });
      expect((await world.json("app get hello-a")).state).toBe("RUNNING");
    },
  );
});

test("several apps are deleted, and a missing one is accepted with --missing-ok", async () => {
  const world = createWorld();
  const { code, stdout, stderr } = await world.run("app rm -y hello-a nosuch hello-b");
  expect(code).toBe(9);
  expect(stdout.match(/"[^"]+"/g)).toEqual(['"hello-a"', '"hello-b"']);
  const { code: error, message } = errorOf({ stderr });
  expect(error).toBe("partial");
  expect(message).toMatch(/\b1\b.*\b3 apps\b/);
  expect(message).toContain('"nosuch"');
  expect(await world.json("app delete hello-a --missing-ok")).toEqual([
    { id: null, name: "hello-a", deleted: false },
  ]);
});

describe("a scoped operator token", () => {
  test("lists and creates only resources in its scope", async () => {
    const world = createWorld();
    const token = await scoped(world, "operator", "group=A");
    const other = await idOf(world, "hello-b");
    const as = (line: string) => world.run(line, { env: { TOKCTL_APP_TOKEN: token } });
    const { stdout } = await as("app list -o json");
    expect(JSON.parse(stdout).map(({ name }: { name: string }) => name)).toEqual(["hello-a"]);
    expect((await as(`app stop ${other}`)).code).toBe(5);
    const made = JSON.parse((await as("job run ubuntu -o json -- true")).stdout);
    expect(made).toMatchObject({ user: "scoped", labels: { group: "A" } });
  });

  test("can move a resource out of its scope", async () => {
    const world = createWorld();
    const token = await scoped(world, "operator", "group=A");
    const moved = await world.json("app set-label hello-a group B", {
      env: { TOKCTL_APP_TOKEN: token },
    });
    expect(moved.labels.group).toBe("B");
    const { code } = await world.run("app list", { env: { TOKCTL_APP_TOKEN: token } });
    expect(code).toBe(0);
    expect((await world.json("app get hello-a")).labels.group).toBe("B");
  });
});

test("a read token can't list apps", async () => {
  const world = createWorld();
  const token = await scoped(world, "read");
  expect((await world.run(["app", "list", "--app-token", token])).code).toBe(5);
});
