import { type Asked, type Play, serialise } from "../support/hostile-server.ts";
import { type Fault, success } from "./fault.ts";

const item = (i: number) => ({
  id: `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  spec: { name: `t${i}`, role: "ai_training_read" },
  status: { version: 1 },
});
const items = (count: number, from = 0) => Array.from({ length: count }, (_, i) => item(from + i));

const pageOf = ({ path }: Asked): number | undefined => {
  const page = new URL(path, "http://localhost").searchParams.get("page");
  return page === null ? undefined : Number(page);
};

/** Responds with the page that `make` returns for the requested page number. */
const pages =
  (make: (page: number) => object): Play =>
  ({ socket, asked }) =>
    socket.write(
      serialise({
        status: 200,
        headers: { "content-type": "application/json" },
        body: Buffer.from(JSON.stringify(make(pageOf(asked) ?? 1))),
      }),
    );

/** Faults of a list and its pages. */
export const lists: readonly Fault[] = [
  {
    name: "items is not a list",
    ends: { list: 12 },
    play: [null, {}, "a", 42].map((value) => success(JSON.stringify({ items: value }))),
  },
  { name: "items is missing", ends: { list: 12 }, play: success('{"metadata":{"total":0}}') },
  { name: "null in items", ends: { list: 12 }, play: success('{"items":[null]}') },
  {
    name: "10,000 invalid items",
    ends: { list: 12 },
    play: success(JSON.stringify({ items: Array(10_000).fill({}) })),
  },
  { name: "list without an envelope", ends: { list: 12 }, play: success(JSON.stringify(items(2))) },
  {
    name: "invalid total",
    ends: { list: 12 },
    play: [-1, 1.5, "2", null].map((total) =>
      success(JSON.stringify({ items: items(2), metadata: { total } })),
    ),
  },
  {
    name: "total larger than the number of items",
    ends: { list: 12 },
    play: pages((page) => ({
      items: page === 1 ? items(2) : [],
      metadata: { currentPage: page, total: 3 },
    })),
  },
  {
    name: "100,000 tokens in one reply",
    ends: { list: 0 },
    play: success(JSON.stringify({ items: items(100_000), metadata: { total: 100_000 } })),
  },
  {
    name: "duplicate token",
    ends: { list: 12 },
    play: success(
      JSON.stringify({ items: [item(1), item(1)], metadata: { total: 2, pageCount: 1 } }),
    ),
  },
  {
    name: "same page for every request",
    ends: { list: 12 },
    play: pages(() => ({ items: items(2), metadata: { currentPage: 1, pageCount: 9, total: 18 } })),
  },
  {
    name: "same page for every request, without page numbers",
    ends: { list: 0 },
    play: pages(() => ({ items: items(2) })),
  },
  {
    name: "endless pages",
    ends: { list: 12 },
    play: pages((page) => ({ items: items(1, page) })),
  },
  {
    name: "endless pages with an increasing total",
    ends: { list: 12 },
    play: pages((page) => ({
      items: items(1, page),
      metadata: { currentPage: page, pageCount: page + 9, total: page + 9 },
    })),
  },
  {
    name: "endless pages with numbers above 2^53",
    ends: { list: 12 },
    play: [2 ** 53 - 1, 2 ** 53 - 5].map((currentPage) => {
      let made = 0;
      return pages(() => ({
        items: items(1, ++made),
        metadata: { currentPage, pageCount: 20, total: 2 ** 53 - 1 },
      }));
    }),
  },
  {
    name: "endless empty pages",
    ends: { list: 12 },
    play: pages((page) => ({
      items: [],
      metadata: { currentPage: page, pageCount: 1_000_000, total: 100_000_000 },
    })),
  },
  {
    name: "page count of 1e308",
    ends: { list: 12 },
    play: success('{"items":[],"metadata":{"currentPage":1e308,"pageCount":1e308,"total":1e308}}'),
  },
];
