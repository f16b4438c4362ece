import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { fuzz } from "../support/fuzz.ts";
import { createWorld } from "../support/world.ts";

interface Listed {
  readonly id: string;
}

/** How a server numbers and sizes its pages, and which metadata it sends. */
interface Paging {
  /** The number of the first page. */
  readonly first?: number;
  /** The maximum page size. */
  readonly most?: number;
  /** The size of every page, whatever size is requested. */
  readonly fixed?: number;
  readonly says?: readonly ("currentPage" | "pageCount" | "total")[];
}

/** Serves a list that changes before some requests. */
function serveList(
  { first = 1, most = 100, fixed, says = ["currentPage", "pageCount", "total"] }: Paging,
  change: (list: Listed[], request: number) => void,
) {
  let made = 0;
  const make = () => {
    const id = `00000000-0000-4000-8000-${String(made++).padStart(12, "0")}`;
    const createdAt = "2026-01-01T00:00:00Z";
    const spec = { name: `t${made}`, role: "ai_training_read" };
    return { id, createdAt, updatedAt: createdAt, spec, status: { version: 1 } };
  };
  const list: Listed[] = Array.from({ length: 250 }, make);
  let requests = 0;
  const fetch: Fetch = async (url) => {
    change(list, ++requests);
    const query = new URL(url).searchParams;
    const size = fixed ?? Math.min(most, Number(query.get("size") ?? 10));
    const page = Number(query.get("page") ?? first);
    const from = (page - first) * size;
    const all = {
      currentPage: page,
      pageCount: Math.ceil(list.length / size),
      total: list.length,
    };
    return Response.json({
      items: from < 0 ? [] : list.slice(from, from + size),
      metadata: Object.fromEntries(says.map((key) => [key, all[key]])),
    });
  };
  return { list, fetch, add: () => void list.push(make()), asked: () => requests };
}

/** Lists the tokens: the exit code, and the ids that existed throughout but are not shown. */
async function look(server: ReturnType<typeof serveList>) {
  const before = server.list.map(({ id }) => id);
  const { code, stdout } = await createWorld().run("token list -o json", { fetch: server.fetch });
  const shown = new Set(
    (stdout === "" ? [] : JSON.parse(stdout)).map(({ id }: Listed) => id as string),
  );
  const still = new Set(server.list.map(({ id }) => id));
  const missing = before.filter((id) => still.has(id) && !shown.has(id));
  return { code, missing, isEmpty: stdout === "" };
}

const pagings: readonly (readonly [string, Paging])[] = [
  ["pages from 1", {}],
  ["pages from 0", { first: 0 }],
  ["pages of 50 at most", { most: 50 }],
  ["pages of a fixed size", { fixed: 30 }],
  ["only totals", { says: ["total"] }],
  ["only totals, from 0", { says: ["total"], first: 0 }],
  ["only the page number", { says: ["currentPage"] }],
];

describe.each(pagings)("a list with %s is complete", (_, paging) => {
  test.each<[string, number, (server: ReturnType<typeof serveList>) => void]>([
    ["one is deleted after the first page", 2, ({ list }) => void list.splice(5, 1)],
    ["one is deleted after the second page", 3, ({ list }) => void list.splice(5, 1)],
    [
      "one is deleted and another created",
      2,
      ({ list, add }) => {
        list.splice(5, 1);
        add();
      },
    ],
    ["half are deleted", 3, ({ list }) => void list.splice(0, 120)],
    ["one is created", 2, ({ add }) => add()],
  ])("if %s", async (_, at, change) => {
    const server = serveList(paging, (_, request) => {
      if (request === at) change(server);
    });
    expect(await look(server)).toEqual({ code: 0, missing: [], isEmpty: false });
  });
});

test("a list that changes at every request is an error, and nothing is shown", async () => {
  const server = serveList({}, (list) => void list.splice(5, 1));
  expect(await look(server)).toMatchObject({ code: 12, isEmpty: true });
  expect(server.asked()).toBeLessThan(30);
});

test("a list of one page takes one request", async () => {
  const server = serveList({ most: 1000 }, (list) => void list.splice(90));
  expect(await look(server)).toMatchObject({ code: 0, missing: [] });
  expect(server.asked()).toBe(1);
});

describe("with any concurrent creates and deletes,", () => {
  const event = fc.record({
    request: fc.integer({ min: 1, max: 14 }),
    deletes: fc.array(fc.nat(260), { maxLength: 3 }),
    makes: fc.nat(3),
  });
  fuzz(
    "a successful list has every token that existed throughout",
    fc.tuple(fc.constantFrom(...pagings), fc.array(event, { maxLength: 3 })),
    100,
    async ([[, paging], events]) => {
      const server = serveList(paging, (list, request) => {
        for (const each of events.filter((event) => event.request === request)) {
          for (const at of each.deletes) list.splice(at, 1);
          for (let i = 0; i < each.makes; i++) server.add();
        }
      });
      const { code, missing } = await look(server);
      expect([0, 12]).toContain(code);
      if (code === 0) expect(missing).toEqual([]);
    },
  );
});
