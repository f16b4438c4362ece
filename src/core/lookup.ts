import { CliError, ConflictError, NotFoundError, UsageError } from "../errors.ts";
import { lazy } from "./async.ts";
import type { Provider } from "./provider.ts";
import type { Resource, ResourceKind, ResourceProvider } from "./resource.ts";
import { namesOf } from "./soft-expiry.ts";
import { capitalize, uuidSource } from "./text.ts";
import { describeToken, type Token } from "./token.ts";
import type { TokenProvider } from "./token-provider.ts";
import { validateNameRule } from "./validation.ts";

/** The item that a reference selects. */
export interface LookupResult<T> {
  readonly item: T;
  /**
   * Whether the reference is only a prefix of the ID. Deleting or renewing then needs a
   * confirmation.
   */
  readonly isPrefixMatch: boolean;
}

/**
 * Finds an item by its ID, its exact name (with or without the date of a soft expiry) or, if the server
 * generates IDs, a prefix of its ID.
 */
export type Lookup<T> = (reference: string) => Promise<LookupResult<T>>;

/** An item that can be looked up. Several may have the same name. */
export type LookupItem = Pick<Token, "id" | "name" | "createdAt"> &
  Partial<Pick<Token, "roles" | "labelSelector" | "expiryEnforcedBy">>;

/** The items of one kind. */
interface LookupSource<T> {
  /** The kind of item, such as `token`. */
  readonly noun: string;
  /** The provider, for errors. */
  readonly title: string;
  readonly notFoundHint: string;
  /** Whether the server generates IDs, so that a prefix of an ID is accepted. */
  readonly serverIds: boolean;
  /** Checks a reference. @throws UsageError if it can't be a name. */
  validateReference?(reference: string): void;
  get(id: string): Promise<T | undefined>;
  list(): Promise<readonly T[]>;
}

/**
 * The number of items on a page of the list. To look up more items, reading the list takes fewer
 * requests.
 */
const pageSize = 100;

const uuid = new RegExp(`^${uuidSource}$`, "i");
const prefix = /^[0-9a-f][0-9a-f-]{5,}$/i;

/** Creates the lookup of tokens; see `createLookup`. @param number how many will be looked up */
export function createTokenLookup(
  provider: Provider,
  tokens: TokenProvider,
  owner: string | undefined,
  number = 1,
): Lookup<Token> {
  const { title, supports } = provider;
  const notFoundHint =
    owner === undefined
      ? provider.notFoundHint
      : "To list the tokens of that user: tokctl token list";
  return createLookup(
    {
      noun: "token",
      title,
      notFoundHint,
      serverIds: supports.serverIds,
      validateReference: (reference) => validateNameRule(provider, reference),
      get: async (id) => tokens.get?.(id),
      list: () => tokens.list(owner),
    },
    number,
  );
}

/** Creates the lookup of resources of one kind; see `createLookup`. @param number how many will be looked up */
export const createResourceLookup = (
  { title }: Provider,
  resources: ResourceProvider,
  kind: ResourceKind,
  number = 1,
): Lookup<Resource> =>
  createLookup(
    {
      noun: kind,
      title,
      notFoundHint: `${capitalize(kind)}s belong to a region: check --region. To list them: tokctl ${kind} list`,
      serverIds: true,
      get: (id) => resources.get(kind, id),
      list: () => resources.list(kind),
    },
    number,
  );

/**
 * Creates a lookup by ID, else by exact name, else (if the server generates IDs) by a prefix of the
 * ID. The list is fetched at most once, and only if it is needed or takes fewer requests.
 *
 * The lookup throws NotFoundError; ConflictError if several items match; UsageError for an empty or
 * invalid reference; CliError `server_error` if the API returns another item than requested.
 */
function createLookup<T extends LookupItem>(source: LookupSource<T>, number: number): Lookup<T> {
  const { noun, title, notFoundHint, serverIds } = source;
  const index = lazy(async () => toIndex(await source.list().catch(rethrowListError)));
  return async (reference) => {
    if (reference === "")
      throw new UsageError(`The ${noun} is an empty string.`, {
        hint: `Check that the variable is set. List IDs and names: tokctl ${noun} list`,
      });
    source.validateReference?.(reference);
    const id = uuid.test(reference) ? reference.toLowerCase() : undefined;
    const known = id && number < pageSize ? await source.get(id) : undefined;
    // Otherwise the command would change another item.
    if (known && known.id.toLowerCase() !== id)
      throw new CliError(
        "server_error",
        `${title} returned another ${noun} than requested: ${known.id} instead of ${id}.`,
        { hint: "Nothing was changed. Check the URL of the API." },
      );
    if (known) return { item: known, isPrefixMatch: false };
    const { list, byId, byName, names } = await index();
    const own = byId.get(id ?? reference);
    if (own) return { item: own, isPrefixMatch: false };
    const named = byName.get(reference) ?? [];
    const only = single(
      named,
      `${named.length} ${noun}s are named "${reference}"`,
      "Use the ID instead",
    );
    if (only) return { item: only, isPrefixMatch: false };
    if (serverIds && prefix.test(reference)) {
      const startingWith = list.filter(({ id }) => id.startsWith(reference.toLowerCase()));
      const one = single(
        startingWith,
        `${startingWith.length} IDs start with "${reference}"`,
        "Use a longer prefix or the full ID",
      );
      if (one) return { item: one, isPrefixMatch: true };
    }
    throw new NotFoundError(`${title} has no ${noun} "${reference}".`, {
      hint: notFoundHint,
      unknownWord: { word: reference, candidates: names },
    });
  };
}

/** Indexes a list, so that many lookups don't each search all of it. */
function toIndex<T extends LookupItem>(list: readonly T[]) {
  const byName = new Map<string, T[]>();
  for (const item of list)
    for (const name of namesOf(item)) {
      const same = byName.get(name);
      if (same) same.push(item);
      else byName.set(name, [item]);
    }
  return {
    list,
    byId: new Map(list.map((item) => [item.id, item])),
    byName,
    names: [...byName.keys()],
  };
}

/** Converts a NotFoundError of the list: the user or the project is missing, not the item. */
function rethrowListError(error: unknown): never {
  if (!(error instanceof NotFoundError)) throw error;
  const { message, hint, reason, requestId } = error;
  throw new CliError("not_found", message, { hint, reason, requestId, cause: error });
}

/** The largest number of candidates in a hint. */
const maxCandidates = 20;

function single<T extends LookupItem>(
  matches: readonly T[],
  several: string,
  advice: string,
): T | undefined {
  if (matches.length > 1)
    throw new ConflictError(`${several}.`, {
      hint: [`${advice}:`, ...describeCandidates(matches)],
    });
  return matches[0];
}

/** Describes the first items of a hint in one line each, and the number of the others. */
export const describeCandidates = (items: readonly LookupItem[]): readonly string[] => [
  ...items.slice(0, maxCandidates).map((each) => `  ${describeCandidate(each)}`),
  ...(items.length > maxCandidates ? [`  and ${items.length - maxCandidates} more`] : []),
];

/** Describes an item by name, ID, roles, label selector and creation time. */
export function describeCandidate(item: LookupItem): string {
  const { roles = [], labelSelector = null, createdAt } = item;
  const created = createdAt && `created ${createdAt.slice(0, 10)} ${createdAt.slice(11, 19)} UTC`;
  const parts = [...roles, labelSelector, created].filter(Boolean);
  return `${describeToken(item)}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}
