import { formatTargetOptions, tokenArguments } from "../../../core/target-options.ts";
import { describeToken, hasSameName, type Token } from "../../../core/token.ts";
import { NotFoundError } from "../../../errors.ts";
import { warnIfInUse } from "../../../issuance/credential-in-use.ts";
import { type Result, show } from "../../../output/view.ts";
import { unwrap } from "../../../session/target/target.ts";
import { confirmAction, requireFullIds, requireYesForMany } from "../../shared/confirm-action.ts";
import { foundItems } from "../../shared/run-many.ts";
import { describePermissions, describeReach } from "./scope.ts";
import {
  selectTokens,
  summarizeMissing,
  type TokenLookup,
  type TokenSelection,
  toListedToken,
} from "./selection.ts";
import { describeNoMatch, type SelectionOptions } from "./selection-options.ts";
import {
  describeTargets,
  joinFailures,
  summarizeProfiles,
  type TokenTarget,
  type TokenTargets,
} from "./targets.ts";
import { tokensView } from "./views.ts";

/** A change of tokens that can't be undone. */
export interface TokenChange {
  readonly verb: "delete" | "renew";
  /** The tokens are named on the command line, so that the credential in use may be one of them. */
  readonly isNamed: boolean;
  /** A new token replaces each token, which keeps its secret until the new one is delivered. */
  readonly isReplaced?: boolean | undefined;
  /** The value of `--yes`. */
  readonly yes: boolean | undefined;
}

/**
 * Selects tokens for a change, as `selectTokens` does. Omits the credential in use of each target, and a
 * token that another profile has too, and prints a note about them, unless the tokens are named.
 * @throws CliError if the credential in use of a single target can't be identified.
 */
export async function selectTokensToChange(
  targets: TokenTargets,
  words: readonly string[],
  options: Parameters<typeof selectTokens>[2],
  { verb, isNamed }: TokenChange,
): Promise<TokenSelection> {
  if (isNamed) return selectTokens(targets, words, options);
  const inUse = new Set<string>();
  const selection = await selectTokens(targets, words, options, async (lookups, target) => {
    if (foundItems(lookups).length === 0) return;
    // The API returns only the name of the credential, which several tokens can have.
    const used = await (await target.tokens()).tokenInUse();
    for (const token of foundItems(lookups))
      if (used && hasSameName(token, used)) inUse.add(toIdentity(token, target));
  });
  const profiles = new Map<string, string | undefined>();
  const kept: TokenLookup[] = [];
  for (const lookup of selection.lookups) {
    const { found, target } = lookup;
    const identity = found && toIdentity(found.item, target);
    if (identity === undefined || (!inUse.has(identity) && !profiles.has(identity)))
      kept.push(lookup);
    else await sayWhySkipped(lookup, found?.item, profiles.get(identity), verb, options.user);
    if (identity !== undefined && !inUse.has(identity)) profiles.set(identity, target.profile);
  }
  return { ...selection, lookups: kept };
}

/** Prints a note about a token that a selection omits. @param other the profile that has it too */
async function sayWhySkipped(
  { target: { session, profile } }: TokenLookup,
  token: Token | undefined,
  other: string | undefined,
  verb: TokenChange["verb"],
  owner: string | undefined,
): Promise<void> {
  if (!token) return;
  const subject = `Skipped token ${describeToken(token)}${profile === undefined ? "" : ` of profile "${profile}"`}`;
  const command = `tokctl token ${verb} ${tokenArguments(token, owner)}${formatTargetOptions(session.target.options)}`;
  await session.say({
    text:
      other === undefined
        ? [
            `${subject}: it has the name of the credential in use.`,
            `To ${verb} it, name it: ${command}`,
          ]
        : `${subject}: it is the same token as in profile "${other}".`,
    always: true,
  });
}

/** Returns a text that is the same for one token in all profiles. */
function toIdentity({ id, owner }: Token, { session: { target } }: TokenTarget): string {
  const { supports } = unwrap(target.provider);
  // A UUID is unique, and two APIs can have the same token.
  return supports.serverIds
    ? id
    : JSON.stringify([unwrap(target.baseUrl).value.href, unwrap(target.projectRefs), owner, id]);
}

/**
 * Asks for confirmation before tokens lose their secrets. Warns if the credential in use may be one
 * of them.
 * @returns whether it may be.
 * @throws UsageError for several tokens without `--yes` in a non-interactive run, and for an abbreviated
 * ID without a question; InterruptedError if the answer is no.
 */
export async function confirmTokenChange(
  { session, isSeveral }: TokenTargets,
  { lookups, failures }: TokenSelection,
  { verb, isNamed, isReplaced = false, yes }: TokenChange,
): Promise<boolean> {
  const targets = new Map(
    lookups.flatMap(({ found, target }) => (found ? [[found.item, target] as const] : [])),
  );
  const found = lookups.flatMap((lookup) => lookup.found ?? []);
  const affected = foundItems(lookups);
  const skipped = [...lookups.flatMap(({ error }) => error ?? []), ...failures];
  const action = { verb, noun: "token", yes } as const;
  // The same ID can exist in several profiles.
  const references = found.map(({ item }, i) => (isSeveral ? `${i}` : item.id));
  requireYesForMany(session, references, action);
  requireFullIds(session, found, action);
  const tokens = isSeveral ? undefined : await lookups[0]?.target.tokens();
  // The credential in use is never replaced.
  const mayBeInUse =
    tokens !== undefined &&
    isNamed &&
    !isReplaced &&
    (await warnIfInUse(session, tokens, affected));
  await confirmAction(session, found, {
    ...action,
    skipped,
    detail(token) {
      const target = targets.get(token);
      const provider = (target?.session ?? session).provider();
      const permissions = describePermissions(token, provider);
      return isSeveral ? `profile "${target?.profile}", ${permissions}` : permissions;
    },
    consequence: async () => {
      const reach = tokens ? await describeReach(session.provider(), tokens, affected) : [];
      const secrets = affected.length > 1 ? "Their secrets stop" : "Its secret stops";
      const time = isReplaced ? "once a new token has replaced it" : "immediately";
      return [...reach, `${secrets} working ${time}.`].join(" ");
    },
  });
  return mayBeInUse;
}

/** Shows the tokens that `--dry-run` would change. @param missingOk missing tokens are no failure */
export function showPlan(
  targets: TokenTargets,
  { lookups, failures }: TokenSelection,
  options: SelectionOptions,
  { verb, missingOk = false }: Pick<TokenChange, "verb"> & { missingOk?: boolean },
): Result {
  const planned = lookups.flatMap(({ found, target }) =>
    found ? [toListedToken(found.item, target)] : [],
  );
  const count = `${planned.length} token${planned.length === 1 ? "" : "s"}`;
  const isFailure = ({ error }: TokenLookup) => !missingOk || !(error instanceof NotFoundError);
  return show(planned, tokensView(describeTargets(targets).supports, planned), {
    notes: [
      planned.length === 0
        ? { text: describeNoMatch(options) }
        : { text: `Dry run: tokctl would ${verb} ${count}. Nothing was changed.` },
    ],
    failure: joinFailures(
      summarizeMissing(lookups.filter(isFailure)),
      summarizeProfiles(targets, failures),
    ),
  });
}

/** The result of a change without tokens. */
export const showNoMatch = (
  targets: TokenTargets,
  { failures }: TokenSelection,
  options: SelectionOptions,
): Result =>
  show([], tokensView(describeTargets(targets).supports, []), {
    notes: [{ text: describeNoMatch(options) }],
    failure: summarizeProfiles(targets, failures),
  });
