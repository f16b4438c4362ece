import { CliError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { PageBody, type TokenBody } from "./wire.ts";

/** As many as are asked for at once; a server may give fewer. */
const pageSize = 100;
/** An end to a server whose pages have none: a million tokens. */
const maximumPages = 10_000;

/**
 * Reads every page of the token list. The contract leaves open whether pages count from 0 or 1 and
 * whether `size` is heeded, so the first request names no page and the others follow the number it
 * came with.
 * @throws CliError `server_error` if the pages hold fewer tokens than the server's own total: a
 * token must not be left out silently.
 */
export async function listPages(http: HttpClient): Promise<TokenBody[]> {
  const tokens = new Map<string, TokenBody>();
  let total: number | undefined;
  let pageCount: number | undefined;
  let pagesRead = 0;

  async function read(page: number | undefined) {
    const { items, metadata } = await http.request("GET /v1/token", PageBody, {
      query: { page, size: pageSize },
    });
    const known = tokens.size;
    for (const item of items) tokens.set(item.id, item);
    ({ total = total, pageCount = pageCount } = metadata);
    pagesRead++;
    return { number: metadata.currentPage ?? page ?? 1, isNew: tokens.size > known };
  }
  const complete = () => (total === undefined ? pagesRead === pageCount : tokens.size >= total);

  const first = await read(undefined);
  for (let next = first; next.isNew && !complete() && pagesRead < maximumPages; )
    next = { ...(await read(next.number + 1)), number: next.number + 1 };
  // Where the numbers that a server reports and those it takes differ, one of these was left out.
  for (const page of [1, 0]) if (total !== undefined && !complete()) await read(page);

  if (pagesRead >= maximumPages || (total !== undefined && !complete()))
    throw new CliError(
      "server_error",
      `The list of tokens is incomplete: its pages hold ${tokens.size}${total === undefined ? " and have no end" : ` of ${total}`}.`,
      { hint: "Other tokens may have been made or deleted meanwhile: try again." },
    );
  return [...tokens.values()];
}
