import { HTTPException } from "hono/http-exception";

/** Page of a list that a client requests. The first page is 1. */
export interface PageRequest {
  readonly page: number;
  readonly size: number;
}

/** One page of a list in the format of the API. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly metadata: {
    readonly currentPage: number;
    readonly pageCount: number;
    readonly total: number;
    readonly links: { readonly next: string | null };
  };
}

/** Parses the optional `page` and `size` query parameters. @throws HTTPException 400 */
export function parsePageRequest(query: Readonly<Record<string, string>>): PageRequest {
  return {
    page: parseCount("page", query["page"] ?? "1"),
    size: parseCount("size", query["size"] ?? "10"),
  };
}

function parseCount(name: string, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || !Number.isSafeInteger(count))
    throw new HTTPException(400, { message: `${name} must be an integer of at least 1` });
  return count;
}

/**
 * Returns one page of the list, which is empty after the last page.
 * @param path Path of the link to the next page.
 * @param filter Other query parameters of the link.
 */
export function createPage<T>(
  all: readonly T[],
  { page, size }: PageRequest,
  path: string,
  filter: Readonly<Record<string, string>> = {},
): Page<T> {
  const pageCount = Math.ceil(all.length / size);
  const query = new URLSearchParams({ page: String(page + 1), size: String(size), ...filter });
  const next = page < pageCount ? `${path}?${query}` : null;
  return {
    items: all.slice((page - 1) * size, page * size),
    metadata: { currentPage: page, pageCount, total: all.length, links: { next } },
  };
}
