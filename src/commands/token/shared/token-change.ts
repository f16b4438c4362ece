import type { LookupResult } from "../../../core/lookup.ts";
import type { Provider } from "../../../core/provider.ts";
import { formatTargetOptions, tokenArguments } from "../../../core/target-options.ts";
import { describeToken, hasSameName, type Token } from "../../../core/token.ts";
import { NotFoundError } from "../../../errors.ts";
import { warnIfInUse } from "../../../issuance/credential-in-use.ts";
import { type Result, show } from "../../../output/view.ts";
import type { Session } from "../../../session/session.ts";
import { confirmAction, requireFullIds, requireYesForMany } from "../../shared/confirm-action.ts";
import { foundItems, type ReferenceLookup } from "../../shared/run-many.ts";
import { describePermissions, describeReach } from "./scope.ts";
import {
  describeNoMatch,
  type SelectionOptions,
  selectTokens,
  summarizeMissing,
} from "./selection.ts";
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
 * Selects tokens for a change, as `selectTokens` does. Omits the credential in use, and prints a
 * note about it, unless the tokens are named.
 * @throws CliError if the credential in use can't be identified.
 */
export async function selectTokensToChange(
  session: Session,
  words: readonly string[],
  options: Parameters<typeof selectTokens>[2],
  { verb, isNamed }: TokenChange,
): Promise<readonly ReferenceLookup<Token>[]> {
  const lookups = await selectTokens(session, words, options);
  if (isNamed || foundItems(lookups).length === 0) return lookups;
  const inUse = await (await session.tokens()).tokenInUse();
  // The API returns only the name of the credential, which several tokens can have.
  const isInUse = (token: Token) => inUse !== undefined && hasSameName(token, inUse);
  for (const token of foundItems(lookups).filter(isInUse))
    await session.say({
      text: [
        `Skipped ${describeToken(token)}: it has the name of the credential in use.`,
        `To ${verb} it, name it: tokctl token ${verb} ${tokenArguments(token, options.user)}${formatTargetOptions(session.target.options)}`,
      ],
      always: true,
    });
  return lookups.filter(({ found }) => !found || !isInUse(found.item));
}

/**
 * Asks for confirmation before tokens lose their secrets. Warns if the credential in use may be one
 * of them.
 * @param skipped the errors of the references that select no token.
 * @returns whether it may be.
 * @throws UsageError for several tokens without `--yes` in a non-interactive run, and for an abbreviated
 * ID without a question; InterruptedError if the answer is no.
 */
export async function confirmTokenChange(
  session: Session,
  found: readonly LookupResult<Token>[],
  { verb, isNamed, isReplaced = false, yes }: TokenChange,
  skipped: readonly Error[] = [],
): Promise<boolean> {
  const provider = session.provider();
  const tokens = await session.tokens();
  const affected = found.map(({ item }) => item);
  const action = { verb, noun: "token", yes } as const;
  requireYesForMany(
    session,
    affected.map(({ id }) => id),
    action,
  );
  requireFullIds(session, found, action);
  // The credential in use is never replaced.
  const mayBeInUse = isNamed && !isReplaced && (await warnIfInUse(session, tokens, affected));
  await confirmAction(session, found, {
    ...action,
    skipped,
    detail: (token) => describePermissions(token, provider),
    consequence: async () => {
      const reach = await describeReach(provider, tokens, affected);
      const secrets = affected.length > 1 ? "Their secrets stop" : "Its secret stops";
      const time = isReplaced ? "once a new token has replaced it" : "immediately";
      return [...reach, `${secrets} working ${time}.`].join(" ");
    },
  });
  return mayBeInUse;
}

/** Shows the tokens that `--dry-run` would change. @param missingOk missing tokens are no failure */
export function showPlan(
  { supports }: Provider,
  lookups: readonly ReferenceLookup<Token>[],
  options: SelectionOptions,
  { verb, missingOk = false }: Pick<TokenChange, "verb"> & { missingOk?: boolean },
): Result {
  const planned = foundItems(lookups);
  const count = `${planned.length} token${planned.length === 1 ? "" : "s"}`;
  const isFailure = ({ error }: ReferenceLookup<Token>) =>
    !missingOk || !(error instanceof NotFoundError);
  return show(planned, tokensView(supports, planned), {
    notes: [
      planned.length === 0
        ? { text: describeNoMatch(options) }
        : { text: `Dry run: tokctl would ${verb} ${count}. Nothing was changed.` },
    ],
    failure: summarizeMissing(lookups.filter(isFailure)),
  });
}

/** The result of a change without tokens. */
export const showNoMatch = ({ supports }: Provider, options: SelectionOptions): Result =>
  show([], tokensView(supports, []), { notes: [{ text: describeNoMatch(options) }] });
