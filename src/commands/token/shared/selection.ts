import { filterTokens, sortTokens, type TokenFilter } from "../../../core/filter.ts";
import {
  createTokenLookup,
  parseTokenReferences,
  type TokenReference,
} from "../../../core/lookup.ts";
import type { Provider } from "../../../core/provider.ts";
import type { Token } from "../../../core/token.ts";
import type { TokenProvider } from "../../../core/token-provider.ts";
import { type CliError, toHintLines, UsageError } from "../../../errors.ts";
import type { Session } from "../../../session/session.ts";
import { lookUpAll, type ReferenceLookup, withoutDuplicates } from "../../shared/look-up-all.ts";
import { summarizeErrors } from "../../shared/run-many.ts";

/** The argument that reads tokens from stdin. */
export const stdinArgument = "-";

/** A list of 100,000 tokens as JSON has about 40 MiB. */
const stdinLimit = { thing: "list of tokens", kibibytes: 256 * 1024 };

/**
 * Returns the references to tokens in the arguments of a command; those on stdin for `-`.
 * @returns undefined without arguments.
 * @throws UsageError if stdin can't be read, or is invalid.
 */
export async function readTokenReferences(
  session: Session,
  words: readonly string[],
): Promise<readonly TokenReference[] | undefined> {
  if (words.length === 0) return undefined;
  if (words.includes(stdinArgument))
    return parseTokenReferences(await session.readStdin(stdinLimit));
  return words.map((text) => ({ text, owner: undefined }));
}

/** The criteria of a selection. */
export interface SelectionCriteria {
  /** Only these tokens; undefined for all. */
  readonly references: readonly TokenReference[] | undefined;
  readonly filter: TokenFilter;
  /** The owner of the tokens if it is not the caller. */
  readonly owner: string | undefined;
}

/**
 * Finds the tokens that match all criteria. Sends only requests that read.
 * @returns the matching tokens: in the order of the references, or else of creation. Also an error for
 * each reference to a token that does not exist.
 */
export async function selectTokens(
  session: Session,
  provider: Provider,
  tokens: TokenProvider,
  { references, filter, owner }: SelectionCriteria,
): Promise<readonly ReferenceLookup<Token>[]> {
  const now = session.host.now();
  if (!references)
    return sortTokens(filterTokens(await tokens.list(owner), filter, now)).map((item) => ({
      reference: item.id,
      found: { item, isPrefixMatch: false },
    }));
  const find = createTokenLookup(provider, tokens, owner, references.length);
  const owners = new Map(references.map((each) => [each.text, each.owner]));
  const lookups = await lookUpAll(owners.keys(), async (reference) => {
    const found = await find(reference);
    requireOwner(found.item, owners.get(reference));
    return found;
  });
  const matching = (item: Token) => filterTokens([item], filter, now).length > 0;
  return withoutDuplicates(lookups).filter(({ found }) => !found || matching(found.item));
}

/** Returns the error for the references to tokens that do not exist. @throws it if there is only one */
export function summarizeMissing(lookups: readonly ReferenceLookup<Token>[]): CliError | undefined {
  const errors = lookups.flatMap(({ error }) => error ?? []);
  if (lookups.length === 1 && errors[0]) throw errors[0];
  const message = `${errors.length} of ${lookups.length} tokens were not found.`;
  return summarizeErrors(errors, message, errors.flatMap(toHintLines));
}

/** Different users can have tokens of the same name. @throws UsageError for the token of another user */
function requireOwner({ id, owner }: Token, listed: string | undefined): void {
  if (listed !== undefined && listed !== owner)
    throw new UsageError(`Token "${id}" on stdin belongs to user "${listed}".`, {
      hint: `Add the user: -u ${listed}`,
    });
}
