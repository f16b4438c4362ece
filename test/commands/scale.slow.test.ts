import { load } from "js-yaml";
import { expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

const total = 2345;
const size = 100;
const pageCount = Math.ceil(total / size);

/** The nth of many tokens, of which the server sends the youngest first. */
const token = (n: number) => ({
  id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  createdAt: new Date(Date.UTC(2026, 0, 1) - n * 1000).toISOString(),
  updatedAt: "2026-01-01T00:00:00.123456789Z",
  spec: { name: `t${n} \x1b`, role: "ai_training_read", labelSelector: `n=${n}` },
  status: { version: 1 },
});

const ids = Array.from({ length: total }, (_, n) => token(n).id).reverse();

const page = (number: number, metadata: object = {}) =>
  Response.json({
    items: Array.from({ length: Math.min(size, total - (number - 1) * size) }, (_, i) =>
      token((number - 1) * size + i),
    ),
    metadata: { currentPage: number, pageCount, total, ...metadata },
  });

const numberOf = (url: string) => Number(new URL(url).searchParams.get("page") ?? 1);

const pages: Fetch = async (url) => page(numberOf(url));

test("at most eight pages are requested at a time, and none after the last", async () => {
  const world = createWorld();
  let [open, most] = [0, 0];
  const fetch: Fetch = async (url) => {
    most = Math.max(most, ++open);
    // The later one comes, the sooner it is answered.
    for (let left = pageCount - numberOf(url); left > 0; left--) await new Promise(setImmediate);
    open--;
    return page(numberOf(url));
  };
  const list: readonly { readonly id: string }[] = await world.json("token list", { fetch });
  expect(list.map(({ id }) => id)).toEqual(ids);
  expect(most).toBe(8);
  const asked = world.requests.slice(0, pageCount).map(({ url }) => numberOf(url));
  expect(asked).toEqual(Array.from({ length: pageCount }, (_, i) => i + 1));
  // Once more to see whether the list is still as it was, and one alone, which this server can't give.
  expect(world.requests.length).toBeLessThan(2 * pageCount + 1);
});

test("pages without a count are requested one after the other", async () => {
  let [open, most] = [0, 0];
  const fetch: Fetch = async (url) => {
    const number = numberOf(url);
    open++;
    // At the end those are tried that a misunderstood number would have left out.
    if (number > 1) most = Math.max(most, open);
    await new Promise(setImmediate);
    open--;
    return number < 1 || number > pageCount
      ? Response.json({ items: [] })
      : page(number, { pageCount: undefined, total: undefined });
  };
  expect(await createWorld().json("token list", { fetch })).toHaveLength(total);
  expect(most).toBe(1);
});

test.each([
  ["repeat", async () => page(1, { pageCount: 1e9, total: 1e12 })],
  [
    "are fewer than the total",
    async (url: string) =>
      numberOf(url) > pageCount
        ? Response.json({ items: [] })
        : page(numberOf(url), { total: 1e6 }),
  ],
])("pages that %s are an error", async (_, fetch) => {
  const world = createWorld();
  const { code, stdout, stderr } = await world.run("token list", { fetch });
  expect({ code, stdout }).toEqual({ code: 12, stdout: "" });
  expect(errorOf({ stderr }).code).toBe("server_error");
  expect(world.requests.length).toBeLessThan(2 * (pageCount + 15));
});

test("the error of one page is that of the list, and stops further requests", async () => {
  const world = createWorld();
  const fetch: Fetch = async (url) =>
    numberOf(url) === 3
      ? Response.json({ message: "no" }, { status: 403 })
      : pages(url, {} as never);
  const { code, stdout } = await world.run("token list", { fetch });
  expect({ code, stdout }).toEqual({ code: 5, stdout: "" });
  expect(world.requests.length).toBeLessThan(15);
});

test("a long list is one document as JSON and as YAML", async () => {
  const world = createWorld();
  const { stdout } = await world.run("token list -o json", { fetch: pages });
  const list: unknown = JSON.parse(stdout);
  expect(stdout).toBe(`${JSON.stringify(list, null, 2)}\n`);
  const yaml = await world.run("token list -o yaml", { fetch: pages });
  expect(load(yaml.stdout)).toEqual(list);
});

test.each(["text", "description", "json", "yaml", "-q"])(
  "a long list is written as %s in pieces, with backpressure",
  async (format) => {
    const pieces: string[] = [];
    let open = 0;
    const { code, stderr } = await createWorld().run(
      ["token", "list", ...(format === "-q" ? ["-q"] : ["-o", format])],
      {
        fetch: pages,
        stdout: {
          write: async (text) => {
            expect(++open).toBe(1);
            await new Promise(setImmediate);
            open--;
            pieces.push(text);
          },
        },
      },
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(pieces.length).toBeGreaterThan(10);
    expect(pieces.join("").match(/00000000-0000-4000-8000-\d{12}/g)).toEqual(ids);
  },
);

/** A world with so many tokens, and their ids. */
async function withTokens(number: number) {
  const world = createWorld();
  for (let n = 0; n < number; n++) await world.run(`token create t${n} -r read -q`);
  const { stdout } = await world.run("token list -q");
  world.requests.length = 0;
  return { ...world, ids: stdout.trimEnd().split("\n") };
}

test("a hundred tokens are looked up with one list request, by name or id", async () => {
  const { run, requests, ids } = await withTokens(100);
  const named = ids.map((id, n) => (n % 2 ? `t${n}` : n % 3 ? id : id.toUpperCase()));
  const { code, stdout } = await run(["token", "delete", ...named, "-y"]);
  expect(code).toBe(0);
  expect(stdout.match(/(?<=\()\S+(?=\))/g)).toEqual(ids);
  const paths = requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
  expect(paths.slice(0, 2)).toEqual(["GET /v1/token", "GET /v1/me"]);
  expect(paths.slice(2)).toEqual(ids.map((id) => `DELETE /v1/token/${id}`));
});

test("requests are sent one after the other if the server accepts one at a time", async () => {
  const { run, ids, sandbox } = await withTokens(20);
  let open = 0;
  const { code, stdout } = await run(["token", "delete", ...ids, "-y"], {
    fetch: async (url, init) => {
      if (init.method !== "DELETE") return sandbox.request(url, init);
      open++;
      await new Promise(setImmediate);
      const isAlone = open === 1;
      await new Promise(setImmediate);
      open--;
      return isAlone
        ? sandbox.request(url, init)
        : new Response("", { status: 429, headers: { "retry-after": "1" } });
    },
  });
  expect(code).toBe(0);
  expect(stdout.match(/(?<=\()\S+(?=\))/g)).toEqual(ids);
});

test("requests are not repeated for each token if the server rejects all (429)", async () => {
  const { run, requests, ids, sandbox } = await withTokens(20);
  const { code } = await run(["token", "delete", ...ids, "-y", "--retries", "0"], {
    fetch: async (url, init) =>
      init.method === "DELETE" ? new Response("", { status: 429 }) : sandbox.request(url, init),
  });
  expect(code).toBe(9);
  expect(requests.filter(({ method }) => method === "DELETE")).toHaveLength(20 + 1);
});

test("all concurrent deletions wait for the Retry-After of one", async () => {
  const { run, ids, sandbox } = await withTokens(30);
  let [slept, refused, early] = [0, 0, 0];
  const { code, stdout } = await run(["token", "delete", ...ids, "-y"], {
    sleep: (milliseconds) => {
      slept += milliseconds;
    },
    fetch: async (url, init) => {
      if (init.method === "DELETE" && refused === 0 && url.endsWith(ids[9] ?? "")) {
        refused++;
        return new Response("", { status: 429, headers: { "retry-after": "5" } });
      }
      await new Promise(setImmediate);
      if (refused > 0 && slept < 5000) early++;
      return sandbox.request(url, init);
    },
  });
  expect(code).toBe(0);
  expect(stdout.match(/(?<=\()\S+(?=\))/g)).toEqual(ids);
  // Those that were on their way.
  expect(early).toBeLessThan(8);
  expect(slept).toBeGreaterThanOrEqual(5000);
});
