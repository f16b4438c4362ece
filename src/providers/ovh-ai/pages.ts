import { mapOrdered } from "../../core/async.ts";
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

/** How often a list is read that has no end, is shorter than the server says, or changes meanwhile. */
const [ifEndless, ifShort, ifChanged] = [1, 2, 4];

/**
 * Reads every page of a list, and keeps what `convert` makes of each thing. Where something is
 * deleted between two pages, what follows it moves to a page that was read already, and would be
 * left out: a list that changed so is read again.
 * @throws CliError `server_error` if the pages hold fewer things than the server's own total, have
 * no end, or change each time: nothing must be left out silently.
 */
export async function listPages<T extends { readonly id: string }, R>(
  http: HttpClient,
  list: PagedList<T>,
  convert: (thing: T) => R,
): Promise<R[]> {
  for (let attempt = 1; ; attempt++) {
    const { values, fault } = await readPages(http, list, convert);
    if (!fault) return values;
    if (attempt === fault.attempts)
      throw new CliError(
        "server_error",
        `The list of ${list.things} is incomplete: ${fault.words}.`,
        {
          hint: "Others may have been made or deleted meanwhile: try again.",
        },
      );
  }
}

/** What was read of a list once, and why that can't be all. */
interface Reading<R> {
  readonly values: R[];
  readonly fault?: { readonly words: string; readonly attempts: number } | undefined;
}

/** A page that was read, under the number that it was asked for by. */
interface PageRead {
  readonly number: number | undefined;
  readonly count: number;
  /** The id of the last thing in it. */
  readonly last: string | undefined;
}

/**
 * Reads every page once. The contract leaves open whether pages count from 0 or 1 and whether `size`
 * is heeded: so the first request names no page, the others follow the number it came with, and
 * unless the server's own figures say that all is there, the pages that a misunderstood number would
 * have left out are tried too.
 */
async function readPages<T extends { readonly id: string }, R>(
  http: HttpClient,
  { route, page: schema, labelSelector }: PagedList<T>,
  convert: (thing: T) => R,
): Promise<Reading<R>> {
  const found = new Map<string, R>();
  const pages: PageRead[] = [];
  const totals: number[] = [];
  let pageCount: number | undefined;

  const read = (page: number | undefined, size = pageSize): Promise<Page<T>> =>
    http.request(route, schema, { query: { page, size, labelSelector } });
  const tryPage = async (number: number) => ({
    number,
    page: await read(number).catch(ignoreRefusal),
  });
  /** @returns whether there was anything new in it. */
  function keep(number: number | undefined, { items, metadata }: Page<T>): boolean {
    const known = found.size;
    for (const item of items) found.set(item.id, convert(item));
    if (metadata.total !== undefined) totals.push(metadata.total);
    ({ pageCount = pageCount } = metadata);
    pages.push({ number, count: items.length, last: items.at(-1)?.id });
    return found.size > known;
  }
  const isComplete = () => {
    const total = totals.at(-1);
    return (
      total !== undefined && found.size >= total && pages.length >= Math.min(pageCount ?? 0, total)
    );
  };
  const first = await read(undefined);
  const start = first.metadata.currentPage ?? 1;
  const isNew = keep(undefined, first);
  // There may be more by the time that all are read, but not many times more.
  const limit = Math.min(maximumPages, 2 * (pageCount ?? totals[0] ?? uncountedPages) + 100);
  const mayGoOn = (isNew: boolean, number: number) =>
    !isComplete() && (isNew || number <= 1) && pages.length < limit;
  if (mayGoOn(isNew, start)) {
    const lastCounted = start + (pageCount ?? 1) - 1;
    const atOnce = (number: number) => (number <= lastCounted ? ahead : 1);
    const numbers = range(start + 1, start + maximumPages);
    for await (const { number, page } of mapOrdered(numbers, atOnce, tryPage))
      if (!mayGoOn(page !== undefined && keep(number, page), number)) break;
  }
  if (!isComplete())
    for (const { number, page } of await Promise.all([0, 1].map(tryPage)))
      if (page) keep(number, page);

  const values = [...found.values()];
  const words = `its pages hold ${found.size}`;
  if (pages.length >= limit)
    return { values, fault: { words: `${words} and have no end`, attempts: ifEndless } };
  // What was made meanwhile need not be there.
  const [total = 0] = totals;
  if (found.size < total)
    return { values, fault: { words: `${words} of ${total}`, attempts: ifShort } };
  const changed = {
    values,
    fault: { words: "it changed while its pages were read", attempts: ifChanged },
  };
  if (totals.some((each, at) => each < (totals[at - 1] ?? 0))) return changed;

  let isNumbered = true;
  /** Whether a page still ends with what it ended with: nothing before that was deleted. */
  async function isSame(at: number): Promise<boolean> {
    const { number, last } = pages[at] ?? {};
    // By that alone where pages are numbered as we think; else, or to be sure, by the whole page.
    if (isNumbered) {
      const alone = await read(start + (at + 1) * first.items.length - 1, 1).catch(ignoreRefusal);
      isNumbered = alone?.items.length === 1;
      if (isNumbered && alone?.items[0]?.id === last) return true;
    }
    return (await read(number).catch(ignoreRefusal))?.items.at(-1)?.id === last;
  }
  // Across the end of a page that is not full nothing moves.
  const isFull = ({ count }: PageRead) => pages.length > 1 && count === first.items.length;
  const ends = [...pages.entries()].flatMap(([at, page]) => (isFull(page) ? [at] : []));
  // The first tells how the others can be asked for.
  const atOnce = (at: number) => (at > 1 && pageCount !== undefined ? ahead : 1);
  for await (const same of mapOrdered(ends, atOnce, isSame)) if (!same) return changed;
  return { values };
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
