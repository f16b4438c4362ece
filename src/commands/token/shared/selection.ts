import { filterTokens, sortTokens, type TokenFilter } from "../../../core/filter.ts";
import { createTokenLookup } from "../../../core/lookup.ts";
import { formatOwner } from "../../../core/target-options.ts";
import type { Token } from "../../../core/token.ts";
import { type CliError, toHintLines, UsageError } from "../../../errors.ts";
import {
  lookUpAll,
  type ReferenceLookup,
  summarizeErrors,
  withoutDuplicates,
} from "../../shared/run-many.ts";
import {
  type OwnerOptions,
  type SelectionOptions,
  stdinArgument,
  toTokenFilter,
} from "./selection-options.ts";
import {
  joinFailures,
  mapTargets,
  summarizeProfiles,
  type TokenTarget,
  type TokenTargets,
} from "./targets.ts";
import { parseTokenReferences, type TokenReference } from "./token-references.ts";

/** A list of 100,000 tokens as JSON has about 40 MiB. */
const stdinLimit = { thing: "list of tokens", kibibytes: 256 * 1024 };

/** A token that a selection found, or the error of a reference, with the target that it belongs to. */
export interface TokenLookup extends ReferenceLookup<Token> {
  readonly target: TokenTarget;
}

/** The tokens of a selection, and the errors of the profiles that failed. */
export interface TokenSelection {
  readonly lookups: readonly TokenLookup[];
  readonly failures: readonly CliError[];
}

/** A token in a list, with the name of its profile if the list has tokens of several profiles. */
export type ListedToken = Token & { readonly profile?: string };

/** Adds the profile to a token of a command that runs over several profiles. */
export const toListedToken = <T extends Token>(
  token: T,
  { profile }: TokenTarget,
): T & ListedToken => (profile === undefined ? token : { profile, ...token });

/** A token that a command shows, and the target that it belongs to. */
export interface FoundToken {
  readonly token: ListedToken;
  readonly target: TokenTarget;
}

/**
 * Finds the tokens that the argument and the options of `addListOptions` select.
 * @returns the tokens in the order of the references, or else of creation; and an error if some of several
 * references are not found, or some of several profiles failed.
 * @throws CliError for a single reference that is not found; UsageError for invalid options.
 */
export async function findTokens(
  targets: TokenTargets,
  argument: string | undefined,
  options: SelectionOptions & OwnerOptions,
): Promise<{ readonly found: readonly FoundToken[]; readonly failure: CliError | undefined }> {
  const words = argument === undefined ? [] : [argument];
  const { lookups, failures } = await selectTokens(targets, words, options);
  const found = lookups.flatMap(({ found, target }) =>
    found ? [{ token: toListedToken(found.item, target), target }] : [],
  );
  return {
    found,
    failure: joinFailures(summarizeMissing(lookups), summarizeProfiles(targets, failures)),
  };
}

/**
 * Returns the references to tokens in the arguments of a command; those on stdin for `-`.
 * @returns undefined without arguments.
 * @throws UsageError if stdin can't be read or is invalid, or a token belongs to another profile.
 */
async function readTokenReferences(
  { session, list, isSeveral }: TokenTargets,
  words: readonly string[],
): Promise<readonly TokenReference[] | undefined> {
  if (words.length === 0) return undefined;
  if (!words.includes(stdinArgument)) return words.map((text) => ({ text, owner: undefined }));
  const references = parseTokenReferences(await session.readStdin(stdinLimit));
  const names = isSeveral ? list.map(({ profile }) => profile) : [session.profileName(), undefined];
  const other = references.find(({ profile }) => !names.includes(profile));
  if (other)
    throw new UsageError(
      other.profile === undefined
        ? `Token "${other.text}" on stdin has no profile, and several are selected.`
        : `Token "${other.text}" on stdin belongs to profile "${other.profile}", which is not selected.`,
      { hint: "Pass JSON of token list with the same profiles: -p NAME,NAME or --all-profiles" },
    );
  return references;
}

/**
 * Finds the tokens of each target that match the arguments and the options of a command. Sends only
 * requests that read.
 * @param words the arguments: IDs and names, or `-`; all tokens without arguments.
 * @param review called for the tokens of each target; its error is an error of the target.
 * @returns the matching tokens: in the order of the references, or else of creation. Also an error for
 * each reference to a token that does not exist.
 * @throws UsageError for an invalid option, before stdin is read.
 */
export async function selectTokens(
  targets: TokenTargets,
  words: readonly string[],
  options: SelectionOptions & OwnerOptions,
  review: (lookups: readonly TokenLookup[], target: TokenTarget) => Promise<void> = async () => {},
): Promise<TokenSelection> {
  const { session, isSeveral } = targets;
  if (!isSeveral) toTokenFilter(session.provider(), options);
  const references = await readTokenReferences(targets, words);
  const { results, failures } = await mapTargets(targets, async (target) => {
    const filter = toTokenFilter(target.session.provider(), options);
    const own = references?.filter(({ profile }) => !isSeveral || profile === target.profile);
    const found = await selectOwnTokens(target, own, filter, options.user);
    const lookups = found.map((each) => ({ ...each, target }));
    await review(lookups, target);
    return lookups;
  });
  return { lookups: results.flat(), failures };
}

/** Finds the tokens of one target. @param references only these tokens; undefined for all */
async function selectOwnTokens(
  target: TokenTarget,
  references: readonly TokenReference[] | undefined,
  filter: TokenFilter,
  owner: string | undefined,
): Promise<readonly ReferenceLookup<Token>[]> {
  if (references?.length === 0) return [];
  const { session } = target;
  const tokens = await target.tokens();
  const now = session.host.now();
  if (!references)
    return sortTokens(filterTokens(await tokens.list(owner), filter, now)).map((item) => ({
      reference: item.id,
      found: { item, isPrefixMatch: false },
    }));
  const find = createTokenLookup(session.provider(), tokens, owner, references.length);
  const owners = new Map(references.map((each) => [each.text, each.owner]));
  const lookups = await lookUpAll(owners.keys(), async (reference) => {
    const found = await find(reference);
    requireOwner(found.item, owners.get(reference));
    return found;
  });
  const matching = (item: Token) => filterTokens([item], filter, now).length > 0;
  return withoutDuplicates(lookups).filter(({ found }) => !found || matching(found.item));
}

/**
 * Returns the error for the references to tokens that do not exist.
 * @throws it if there is only one, and only one profile.
 */
export function summarizeMissing(lookups: readonly TokenLookup[]): CliError | undefined {
  const errors = lookups.flatMap(({ error }) => error ?? []);
  const [first] = lookups;
  if (lookups.length === 1 && errors[0] && first?.target.profile === undefined) throw errors[0];
  const message = `${errors.length} of ${lookups.length} tokens were not found.`;
  return summarizeErrors(errors, message, errors.flatMap(toHintLines));
}

/** Different users can have tokens of the same name. @throws UsageError for the token of another user */
function requireOwner({ id, owner }: Token, listed: string | undefined): void {
  if (listed !== undefined && listed !== owner)
    throw new UsageError(`Token "${id}" on stdin belongs to user "${listed}".`, {
      hint: `Add the user:${formatOwner(listed)}`,
    });
}
