import { CliError, ConflictError, NotFoundError, UsageError } from "../errors.ts";
import { lazy } from "./async.ts";
import type { Identity, Provider, TokenProvider } from "./provider.ts";
import type { Resource, ResourceKind, ResourceProvider } from "./resource.ts";
import { describeToken, type Token } from "./token.ts";
import { validateNameRule } from "./validation.ts";

export interface LookupResult<T> {
  readonly item: T;
  /** Only the beginning of its id was given: not enough to destroy anything without asking. */
  readonly isPrefixMatch: boolean;
}

export type Lookup<T> = (reference: string) => Promise<LookupResult<T>>;

/** What people name: by its id, or by a name that may repeat. */
export type LookupItem = Pick<Token, "id" | "name" | "createdAt"> &
  Partial<Pick<Token, "roles" | "labelSelector">>;

/** Where things of one kind can be looked up. */
interface Directory<T> {
  /** What one of them is: `token`. */
  readonly noun: string;
  /** Who has them. */
  readonly title: string;
  readonly notFoundHint: string;
  /** The server makes the ids, so that the beginning of one may do. */
  readonly serverIds: boolean;
  /** @throws UsageError for what none of them can be called. */
  check?(reference: string): void;
  get(id: string): Promise<T | undefined>;
  list(): Promise<readonly T[]>;
}

/** From so many on, things are looked up in the list, which has as many on a page. */
const many = 100;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const prefix = /^[0-9a-f][0-9a-f-]{5,}$/i;

/** Prepares to look so many tokens up; see `finder`. */
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
      : "tokctl token list shows the tokens of that user.";
  return finder(
    {
      noun: "token",
      title,
      notFoundHint,
      serverIds: supports.serverIds,
      check: (reference) => validateNameRule(provider, reference),
      get: async (id) => tokens.get?.(id),
      list: () => tokens.list(owner),
    },
    number,
  );
}

/** Prepares to look so many resources of one kind up; see `finder`. */
export const createResourceLookup = (
  { title }: Provider,
  resources: ResourceProvider,
  kind: ResourceKind,
  number = 1,
): Lookup<Resource> =>
  finder(
    {
      noun: kind,
      title,
      notFoundHint: `tokctl ${kind} list shows what there is. Each region has its own: see --region.`,
      serverIds: true,
      get: (id) => resources.get(kind, id),
      list: () => resources.list(kind),
    },
    number,
  );

/**
 * Prepares to look so many things up by what people call them: an id, else an exact name, else
 * (where the server makes the ids) the beginning of one. The list is read once, and only if it is
 * needed, or takes fewer requests.
 *
 * The lookup throws NotFoundError, ConflictError with the candidates, or UsageError for "".
 */
function finder<T extends LookupItem>(directory: Directory<T>, number: number): Lookup<T> {
  const { noun, title, notFoundHint, serverIds } = directory;
  const index = lazy(async () => toIndex(await directory.list().catch(asOtherFailure)));
  return async (reference) => {
    if (reference === "")
      throw new UsageError(`The ${noun} to look for is the empty string.`, {
        hint: `Is a variable unset? Give an id or a name: tokctl ${noun} list shows them.`,
      });
    directory.check?.(reference);
    const id = uuid.test(reference) ? reference.toLowerCase() : undefined;
    const known = id && number < many ? await directory.get(id) : undefined;
    // What is done to it next would be done to another.
    if (known && known.id.toLowerCase() !== id)
      throw new CliError(
        "server_error",
        `${title} was asked for the ${noun} ${id} and answered with another: ${known.id}.`,
        { hint: "Nothing was done. Is the URL the API's own?" },
      );
    if (known) return { item: known, isPrefixMatch: false };
    const { list, byId, byName, names } = await index();
    const own = byId.get(id ?? reference);
    if (own) return { item: own, isPrefixMatch: false };
    const named = byName.get(reference) ?? [];
    const only = single(
      named,
      `${named.length} ${noun}s are named "${reference}"`,
      "Give the id instead",
    );
    if (only) return { item: only, isPrefixMatch: false };
    if (serverIds && prefix.test(reference)) {
      const begun = list.filter(({ id }) => id.startsWith(reference.toLowerCase()));
      const one = single(
        begun,
        `${begun.length} ids begin with "${reference}"`,
        "Give more of the id",
      );
      if (one) return { item: one, isPrefixMatch: true };
    }
    throw new NotFoundError(`${title} has no ${noun} "${reference}".`, {
      hint: notFoundHint,
      unknownWord: { word: reference, candidates: names },
    });
  };
}

/** A list, and what finds things in it: of a thousand each must not take as long as the list is. */
function toIndex<T extends LookupItem>(list: readonly T[]) {
  const byName = new Map<string, T[]>();
  for (const item of list) {
    const { name } = item;
    if (name === null) continue;
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

/** A list that is not found is no thing that is missing: its user or its project is. */
function asOtherFailure(error: unknown): never {
  if (!(error instanceof NotFoundError)) throw error;
  const { message, hint, requestId } = error;
  throw new CliError("not_found", message, { hint, requestId, cause: error });
}

/** More to choose from would be a list to read. */
const mostCandidates = 20;

function single<T extends LookupItem>(
  matches: readonly T[],
  several: string,
  advice: string,
): T | undefined {
  if (matches.length > 1)
    throw new ConflictError(`${several}.`, {
      hint: [
        `${advice}:`,
        ...matches.slice(0, mostCandidates).map((each) => `  ${describeCandidate(each)}`),
        ...(matches.length > mostCandidates
          ? [`  and ${matches.length - mostCandidates} more`]
          : []),
      ],
    });
  return matches[0];
}

/** A thing that may be the one that was meant: by id and name, what tells it from its namesakes, and age. */
export function describeCandidate(item: LookupItem): string {
  const { roles = [], labelSelector = null, createdAt } = item;
  const created = createdAt && `created ${createdAt.slice(0, 10)} ${createdAt.slice(11, 19)} UTC`;
  const parts = [...roles, labelSelector, created].filter(Boolean);
  return `${describeToken(item)}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
}

/**
 * Asks the API whose credential is in use.
 * @throws CliError `forbidden` where the credential may not ask: `whoami`, which the hint of other
 * commands names, would be refused too.
 */
export async function fetchIdentity(tokens: Pick<TokenProvider, "whoami">): Promise<Identity> {
  try {
    return await tokens.whoami();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "forbidden") throw error;
    throw new CliError("forbidden", error.message, {
      hint: "This credential lacks the permission. Sign in with another one: tokctl login, or pass it with --app-token-file.",
      requestId: error.requestId,
      cause: error,
    });
  }
}
