import * as v from "valibot";
import { mapOrdered } from "../../core/async.ts";
import type { ResourceKind } from "../../core/resource.ts";
import { CliError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import type { Schema } from "../../http/schema.ts";

/** The requested page size. A server may return fewer items per page. */
const pageSize = 100;
/** The maximum number of pages: with a page count or total, and without. */
const [maximumPages, maximumUncountedPages] = [10_000, 500];
/** The number of concurrent requests for pages that exist according to the page count. */
const concurrency = 8;

/** A list with pagination. */
export interface PagedList<T> {
  readonly route: `GET /v1/${"token" | ResourceKind}`;
  readonly page: Schema<Page<T>>;
  /** The plural noun of its items in messages: `tokens`. */
  readonly noun: string;
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

const count = v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0)));

/** Returns the schema of one page of a list. Its metadata is optional, because it is undocumented. */
export const pageOf = <T extends v.GenericSchema<unknown, { readonly id: string }>>(item: T) =>
  v.object({
    items: v.array(item),
    metadata: v.optional(v.object({ currentPage: count, pageCount: count, total: count }), {}),
  });

/**
 * The number of times that a list is read before an error, if it is endless, too short, or changes
 * while it is read.
 */
const [attemptsIfEndless, attemptsIfShort, attemptsIfChanged] = [1, 2, 4];

/**
 * Reads all pages of a list and returns the converted items. A deletion between two requests moves
 * items to a page that was read before, so a list that changed is read again.
 * @throws CliError `server_error` if the pages have fewer items than the server's total, are endless,
 * or change at each attempt, because a list must not omit items silently.
 */
export async function listPages<T extends { readonly id: string }, R>(
  http: HttpClient,
  list: PagedList<T>,
  convert: (item: T) => R,
): Promise<R[]> {
  for (let attempt = 1; ; attempt++) {
    const { values, fault } = await readPages(http, list, convert);
    if (!fault) return values;
    if (attempt === fault.attempts)
      throw new CliError(
        "server_error",
        `The list of ${list.noun} is incomplete: ${fault.reason}.`,
        { hint: `Try again. Other clients may have created or deleted ${list.noun} meanwhile.` },
      );
  }
}

/** Returns the number of items of a list: the server's total, or without one the number of all items read. */
export async function countPages<T extends { readonly id: string }>(
  http: HttpClient,
  list: PagedList<T>,
): Promise<number> {
  const { route, page, labelSelector, noun } = list;
  const { metadata } = await http.request(route, page, {
    action: `count the ${noun}`,
    query: { size: 1, labelSelector },
  });
  return metadata.total ?? (await listPages(http, list, ({ id }) => id)).length;
}

/** The items of one attempt, and the fault if they are incomplete. */
interface Reading<R> {
  readonly values: R[];
  readonly fault?: Fault | undefined;
}

interface Fault {
  readonly reason: string;
  /** The number of attempts before the fault is an error. */
  readonly attempts: number;
}

/** A page that was read. */
interface PageRead {
  /** The requested page number; undefined for the first request, which has none. */
  readonly number: number | undefined;
  readonly count: number;
  /** The ID of the last item. */
  readonly lastId: string | undefined;
}

/** The pages that were read in one attempt. */
class Pages<T extends { readonly id: string }, R> {
  readonly read: PageRead[] = [];
  readonly totals: number[] = [];
  pageCount: number | undefined;
  readonly #values = new Map<string, R>();
  readonly #convert: (item: T) => R;

  constructor(convert: (item: T) => R) {
    this.#convert = convert;
  }

  get values(): R[] {
    return [...this.#values.values()];
  }

  get itemCount(): number {
    return this.#values.size;
  }

  /** Adds a page. @returns whether it has items that no earlier page has. */
  add(number: number | undefined, { items, metadata }: Page<T>): boolean {
    const previous = this.itemCount;
    for (const item of items) this.#values.set(item.id, this.#convert(item));
    if (metadata.total !== undefined) this.totals.push(metadata.total);
    this.pageCount = metadata.pageCount ?? this.pageCount;
    this.read.push({ number, count: items.length, lastId: items.at(-1)?.id });
    return this.itemCount > previous;
  }

  /** Returns whether all items were read according to the server's total and page count. */
  isComplete(): boolean {
    const total = this.totals.at(-1);
    return (
      total !== undefined &&
      this.itemCount >= total &&
      this.read.length >= Math.min(this.pageCount ?? 0, total)
    );
  }
}

/**
 * Reads all pages once. The API documents neither whether pages count from 0 or 1 nor whether `size`
 * has an effect. So the first request has no page number, and the next ones continue from the number
 * in its response. Unless the server's total is reached, pages 0 and 1 are tried as well.
 */
async function readPages<T extends { readonly id: string }, R>(
  http: HttpClient,
  { route, page: schema, labelSelector, noun }: PagedList<T>,
  convert: (item: T) => R,
): Promise<Reading<R>> {
  const pages = new Pages<T, R>(convert);
  const request = (page: number | undefined, size = pageSize): Promise<Page<T>> =>
    http.request(route, schema, {
      action: `list the ${noun}`,
      query: { page, size, labelSelector },
    });
  const tryPage = async (number: number) => ({
    number,
    page: await request(number).catch(ignoreMissingPage),
  });

  const first = await request(undefined);
  const firstNumber = first.metadata.currentPage ?? 1;
  const hasItems = pages.add(undefined, first);
  // Items may be added while the list is read, but not several times as many.
  const counted = pages.pageCount ?? pages.totals[0] ?? maximumUncountedPages;
  const limit = Math.min(maximumPages, 2 * counted + 100);
  const shouldContinue = (hasNewItems: boolean, number: number) =>
    !pages.isComplete() && (hasNewItems || number <= 1) && pages.read.length < limit;

  if (shouldContinue(hasItems, firstNumber)) {
    const lastNumber = firstNumber + (pages.pageCount ?? 1) - 1;
    const concurrencyAt = (number: number) => (number <= lastNumber ? concurrency : 1);
    const numbers = range(firstNumber + 1, firstNumber + maximumPages);
    for await (const { number, page } of mapOrdered(numbers, concurrencyAt, tryPage))
      if (!shouldContinue(page !== undefined && pages.add(number, page), number)) break;
  }
  if (!pages.isComplete())
    for (const { number, page } of await Promise.all([0, 1].map(tryPage)))
      if (page) pages.add(number, page);

  const fault =
    findFault(pages, limit) ??
    ((await hasChanged(pages, first.items.length, firstNumber, request)) ? changed : undefined);
  return { values: pages.values, fault };
}

const changed: Fault = {
  reason: "it changed while its pages were read",
  attempts: attemptsIfChanged,
};

/** Finds a fault in the totals and the number of items, without further requests. */
function findFault<T extends { readonly id: string }, R>(
  { read, totals, itemCount }: Pages<T, R>,
  limit: number,
): Fault | undefined {
  if (read.length >= limit)
    return {
      reason: `its pages have ${itemCount} items and no end`,
      attempts: attemptsIfEndless,
    };
  // Compared with the first total: items that were created later may be missing.
  const [total = 0] = totals;
  if (itemCount < total)
    return {
      reason: `its pages have ${itemCount} of ${total} items`,
      attempts: attemptsIfShort,
    };
  const hasShrunk = totals.some((each, at) => each < (totals[at - 1] ?? 0));
  return hasShrunk ? changed : undefined;
}

/**
 * Requests the last item of each full page again. If it differs, an item before it was deleted
 * meanwhile, and others may be missing.
 * @param fullSize the number of items of a full page.
 */
async function hasChanged<T extends { readonly id: string }, R>(
  { read, pageCount }: Pages<T, R>,
  fullSize: number,
  firstNumber: number,
  request: (page: number | undefined, size?: number) => Promise<Page<T>>,
): Promise<boolean> {
  // The item itself is requested as a page of size 1, unless the server does not support that. To be
  // sure of a difference, and without that support, the whole page is requested.
  let supportsSingleItems = true;
  async function isUnchanged(at: number): Promise<boolean> {
    const { number, lastId } = read[at] ?? {};
    if (supportsSingleItems) {
      const itemNumber = firstNumber + (at + 1) * fullSize - 1;
      const single = await request(itemNumber, 1).catch(ignoreMissingPage);
      supportsSingleItems = single?.items.length === 1;
      if (supportsSingleItems && single?.items[0]?.id === lastId) return true;
    }
    return (await request(number).catch(ignoreMissingPage))?.items.at(-1)?.id === lastId;
  }
  // No item moves across the end of a page that is not full.
  const isFull = ({ count }: PageRead) => read.length > 1 && count === fullSize;
  const fullPages = [...read.entries()].flatMap(([at, page]) => (isFull(page) ? [at] : []));
  // The first request finds out whether the server supports single items.
  const concurrencyAt = (at: number) => (at > 1 && pageCount !== undefined ? concurrency : 1);
  for await (const unchanged of mapOrdered(fullPages, concurrencyAt, isUnchanged))
    if (!unchanged) return true;
  return false;
}

function* range(from: number, end: number): Generator<number> {
  for (let number = from; number < end; number++) yield number;
}

/** Returns undefined for the error of a page number that does not exist. */
function ignoreMissingPage(error: unknown): undefined {
  if (!(error instanceof CliError && error.code === "usage")) throw error;
}
