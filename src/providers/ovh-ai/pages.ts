import { inOrder } from "../../core/concurrent.ts";
import type { ResourceKind } from "../../core/resource.ts";
import { CliError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import type { Schema } from "../../http/schema.ts";

/** As many as are asked for at once; a server may give fewer. */
const pageSize = 100;
/** An end to a server whose pages have none: a million things, or where it says nothing of them, fewer. */
const [maximumPages, uncountedPages] = [10_000, 500];
/** So many pages are asked for side by side, of those that the server says there are. */
const ahead = 8;

/** A list that comes in pages. */
export interface PagedList<T> {
  readonly route: `GET /v1/${"token" | ResourceKind}`;
  readonly page: Schema<Page<T>>;
  /** What is in it: `tokens`. */
  readonly things: string;
  readonly labelSelector?: string | undefined;
}

interface Page<T> {
  readonly items: readonly T[];
  readonly metadata: {
    readonly currentPage?: number | undefined;
    readonly pageCount?: number | undefined;
    readonly total?: number | undefined;
  };
}

/**
 * Reads every page of a list, and keeps what `convert` makes of each thing. The contract leaves open
 * whether pages count from 0 or 1 and whether `size` is heeded: so the first request names no page,
 * the others follow the number it came with, and unless the server's own figures say that all is
 * there, the pages that a misunderstood number would have left out are tried too.
 * @throws CliError `server_error` if the pages hold fewer things than the server's own total: none
 * must be left out silently.
 */
export async function listPages<T extends { readonly id: string }, R>(
  http: HttpClient,
  { route, page: schema, things, labelSelector }: PagedList<T>,
  convert: (thing: T) => R,
): Promise<R[]> {
  const found = new Map<string, R>();
  let total: number | undefined;
  let pageCount: number | undefined;
  let pagesRead = 0;

  const read = (page: number | undefined): Promise<Page<T>> =>
    http.request(route, schema, { query: { page, size: pageSize, labelSelector } });
  const tryPage = async (number: number) => ({
    number,
    page: await read(number).catch(ignoreRefusal),
  });
  /** @returns whether there was anything new in it. */
  function keep({ items, metadata }: Page<T>): boolean {
    const known = found.size;
    for (const item of items) found.set(item.id, convert(item));
    ({ total = total, pageCount = pageCount } = metadata);
    pagesRead++;
    return found.size > known;
  }
  const isComplete = () =>
    total !== undefined && found.size >= total && pagesRead >= Math.min(pageCount ?? 0, total);
  const first = await read(undefined);
  const start = first.metadata.currentPage ?? 1;
  const isNew = keep(first);
  // There may be more by the time that all are read, but not many times more.
  const limit = Math.min(maximumPages, 2 * (pageCount ?? total ?? uncountedPages) + 100);
  const mayGoOn = (isNew: boolean, number: number) =>
    !isComplete() && (isNew || number <= 1) && pagesRead < limit;
  if (mayGoOn(isNew, start)) {
    const lastCounted = start + (pageCount ?? 1) - 1;
    const atOnce = (number: number) => (number <= lastCounted ? ahead : 1);
    const numbers = range(start + 1, start + maximumPages);
    for await (const { number, page } of inOrder(numbers, atOnce, tryPage))
      if (!mayGoOn(page !== undefined && keep(page), number)) break;
  }
  if (!isComplete())
    for (const { page } of await Promise.all([0, 1].map(tryPage))) if (page) keep(page);

  if (pagesRead >= limit || found.size < (total ?? 0))
    throw new CliError(
      "server_error",
      `The list of ${things} is incomplete: its pages hold ${found.size}${pagesRead >= limit ? " and have no end" : ` of ${total}`}.`,
      { hint: "Others may have been made or deleted meanwhile: try again." },
    );
  return [...found.values()];
}

function* range(from: number, end: number): Generator<number> {
  for (let number = from; number < end; number++) yield number;
}

/** How many things a list has: the server's own total, or where it says none, those that were read. */
export async function countPages<T extends { readonly id: string }>(
  http: HttpClient,
  list: PagedList<T>,
): Promise<number> {
  const { route, page, labelSelector } = list;
  const { metadata } = await http.request(route, page, { query: { size: 1, labelSelector } });
  return metadata.total ?? (await listPages(http, list, ({ id }) => id)).length;
}

/** A server may have no page of a number that was only tried. */
function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof CliError && error.code === "usage")) throw error;
}
