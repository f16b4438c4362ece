import { CliError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { PageBody, type TokenBody } from "./wire.ts";

/** As many as are asked for at once; a server may give fewer. */
const pageSize = 100;
/** An end to a server whose pages have none: a million tokens. */
const maximumPages = 10_000;

/**
 * Reads every page of the token list. The contract leaves open whether pages count from 0 or 1 and
 * whether `size` is heeded: so the first request names no page, the others follow the number it
 * came with, and unless the server's own figures say that all is there, the pages that a
 * misunderstood number would have left out are tried too.
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
    return { number: metadata.currentPage ?? 1, isNew: tokens.size > known };
  }
  const complete = () =>
    total !== undefined && tokens.size >= total && pagesRead >= Math.min(pageCount ?? 0, total);

  const first = await read(undefined);
  let { number, isNew } = first;
  while (!complete() && (isNew || number <= 1) && pagesRead < maximumPages)
    isNew = (await read(++number).catch(ignoreRefusal))?.isNew ?? false;
  if (!complete()) await Promise.all([0, 1].map((page) => read(page).catch(ignoreRefusal)));

  if (pagesRead >= maximumPages || tokens.size < (total ?? 0))
    throw new CliError(
      "server_error",
      `The list of tokens is incomplete: its pages hold ${tokens.size}${total === undefined ? " and have no end" : ` of ${total}`}.`,
      { hint: "Other tokens may have been made or deleted meanwhile: try again." },
    );
  return [...tokens.values()];
}

/** A server may have no page of a number that was only tried. */
function ignoreRefusal(error: unknown): undefined {
  if (!(error instanceof CliError && error.code === "usage")) throw error;
}
