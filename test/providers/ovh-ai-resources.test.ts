import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

const id = "a8318623-8357-48b4-bd3b-648c3e343ec9";
const app = {
  id,
  createdAt: "2026-01-01T00:00:00.123456789Z",
  updatedAt: "2026-01-01T00:00:00Z",
  user: "user-abc",
  spec: { image: "ubuntu", name: "mine", labels: { group: "A" } },
  status: { state: "RUNNING", url: "https://a.app.example.com" },
};

const replying =
  (reply: () => Response): Fetch =>
  async () =>
    reply();

describe("the data of a resource", () => {
  test("keeps fractional digits of times and unknown states", async () => {
    const { json } = createWorld();
    const body = { ...app, status: { state: "HIBERNATING" } };
    const fetch = replying(() => Response.json(body));
    expect(await json(`app get ${id}`, { fetch })).toEqual({
      kind: "app",
      id,
      name: "mine",
      image: "ubuntu",
      state: "HIBERNATING",
      url: null,
      labels: { group: "A" },
      user: "user-abc",
      createdAt: "2026-01-01T00:00:00.123456789Z",
      updatedAt: "2026-01-01T00:00:00Z",
    });
  });

  test("may be incomplete", async () => {
    const { json } = createWorld();
    const fetch = replying(() => Response.json({ id, spec: {}, status: { state: "QUEUED" } }));
    expect(await json(`notebook get ${id}`, { fetch })).toEqual({
      kind: "notebook",
      id,
      name: null,
      image: null,
      state: "QUEUED",
      url: null,
      labels: {},
      user: null,
      createdAt: null,
      updatedAt: null,
    });
  });

  test("is escaped in text output", async () => {
    const { run } = createWorld();
    const spec = { name: "\x1b[31mred", labels: { "a\u202e": "b\nc" } };
    const fetch = replying(() => Response.json({ ...app, spec }));
    const { stdout } = await run(`app get ${id}`, { fetch });
    expect(stdout).toContain("Name:       \\x1b[31mred\n");
    expect(stdout).toContain("Labels:     a\\u202e=b\\x0ac\n");
  });
});

test("lists several pages, with the label selector in each request", async () => {
  const world = createWorld();
  for (let i = 0; i < 105; i++) await world.run(`app run ubuntu --name n${i} -l batch=1`);
  world.requests.length = 0;
  const listed = await world.json("app list --label batch=1");
  expect(listed.map(({ name }: { name: string }) => name)).toEqual(
    Array.from({ length: 105 }, (_, i) => `n${i}`),
  );
  expect(world.requests.map(({ url }) => new URL(url).search)).toEqual([
    "?size=100&labelSelector=batch%3D1",
    "?page=2&size=100&labelSelector=batch%3D1",
    // Checks that the last item of the first page has not moved.
    "?page=100&size=1&labelSelector=batch%3D1",
  ]);
});

test("rejects a list with fewer items than its total", async () => {
  const { run } = createWorld();
  const fetch = replying(() => Response.json({ items: [app], metadata: { total: 3 } }));
  const { code, stderr } = await run("app list", { fetch });
  expect(code).toBe(12);
  const { code: error, message } = errorOf({ stderr });
  expect(error).toBe("server_error");
  for (const count of [/\b1\b/, /\b3\b/]) expect(message).toMatch(count);
});

test.each([
  ["the resource", () => Response.json(app)],
  ["an empty body", () => new Response(null, { status: 204 })],
  ["another body", () => Response.json("ok")],
])("accepts %s as the response to a change", async (_, answer) => {
  const { run } = createWorld();
  const fetch: Fetch = async (_url, { method }) =>
    method === "GET" ? Response.json(app) : answer();
  for (const line of [`app start ${id}`, `app stop ${id}`, `app set-label ${id} a b`])
    expect((await run(line, { fetch })).code).toBe(0);
});

test("shows the last state of a resource that is gone after a change", async () => {
  const { json } = createWorld();
  let known = true;
  const fetch: Fetch = async (_url, { method }) => {
    if (method === "PUT") known = false;
    return known
      ? Response.json(app)
      : new Response(null, { status: method === "PUT" ? 204 : 404 });
  };
  expect(await json(`app stop ${id}`, { fetch })).toMatchObject({ id, name: "mine" });
});

test.each([
  [402, 5, "forbidden"],
  [400, 2, "usage"],
  [500, 10, "outcome_unknown"],
])("ends `job run` that receives %i with exit code %i", async (status, exitCode, code) => {
  const { run } = createWorld();
  const fetch = replying(() => Response.json({ message: "quota exceeded" }, { status }));
  const outcome = await run("job run ubuntu -o json", { fetch });
  expect(outcome.code).toBe(exitCode);
  expect(errorOf(outcome).code).toBe(code);
  expect(outcome.stderr).toContain("quota exceeded");
});

test("names `tokctl job list` if the response to `job run` is lost", async () => {
  const { run } = createWorld();
  const fetch: Fetch = async () => {
    throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
  };
  const { code, stderr } = await run("job run ubuntu", { fetch });
  expect(code).toBe(10);
  expect(errorOf({ stderr })).toMatchObject({
    code: "outcome_unknown",
    hint: expect.stringContaining("tokctl job list"),
  });
});
