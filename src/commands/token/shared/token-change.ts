import type { LookupResult } from "../../../core/lookup.ts";
import type { Provider } from "../../../core/provider.ts";
import { describeToken, hasSameName, type Token } from "../../../core/token.ts";
import type { TokenProvider } from "../../../core/token-provider.ts";
import { NotFoundError } from "../../../errors.ts";
import { warnIfInUse } from "../../../issuance/credential-in-use.ts";
import { type Result, show } from "../../../output/view.ts";
import type { Session } from "../../../session/session.ts";
import {
  confirmAction,
  type DestructiveAction,
  requireFullIds,
  requireYesForMany,
} from "../../shared/confirm-action.ts";
import { foundItems, type ReferenceLookup } from "../../shared/run-many.ts";
import { describePermissions, describeReach } from "./scope.ts";
import { type SelectionCriteria, selectTokens, summarizeMissing } from "./selection.ts";
import { tokensView } from "./views.ts";

/** A change of tokens that can't be undone. */
interface TokenChange extends Pick<DestructiveAction<Token>, "verb" | "yes"> {
  /** The credential in use is not one of the tokens, see `selectTokensToChange`. */
  readonly excludesCredential?: boolean;
}

/**
 * Asks for confirmation before tokens lose their secrets. Warns if the credential in use may be one
 * of them.
 * @returns whether it may be.
 * @throws UsageError for an abbreviated ID without a question; InterruptedError if the answer is no.
 */
export async function confirmTokenChange(
  session: Session,
  provider: Provider,
  tokens: TokenProvider,
  found: readonly LookupResult<Token>[],
  { verb, yes, excludesCredential = false }: TokenChange,
): Promise<boolean> {
  const noun = "token";
  const affected = found.map(({ item }) => item);
  requireFullIds(session, found, { verb, noun, yes });
  const mayBeInUse = !excludesCredential && (await warnIfInUse(session, tokens, affected));
  await confirmAction(session, found, {
    verb,
    noun,
    yes,
    detail: (token) => describePermissions(token, provider),
    consequence: async () => {
      const reach = await describeReach(provider, tokens, affected);
      const secrets = affected.length > 1 ? "Their secrets stop" : "Its secret stops";
      return [...reach, `${secrets} working immediately.`].join(" ");
    },
  });
  return mayBeInUse;
}

/** A change of selected tokens. */
interface SelectionChange {
  /** The command: `delete`. */
  readonly command: "delete" | "renew";
  /** The tokens are named on the command line, so that the credential in use may be one of them. */
  readonly isNamed: boolean;
}

/**
 * Selects tokens for a change, as `selectTokens` does. Omits the credential in use, and prints a
 * note about it, unless the tokens are named.
 * @throws CliError if the credential in use can't be identified.
 */
export async function selectTokensToChange(
  session: Session,
  provider: Provider,
  tokens: TokenProvider,
  criteria: SelectionCriteria,
  { command, isNamed }: SelectionChange,
): Promise<readonly ReferenceLookup<Token>[]> {
  const lookups = await selectTokens(session, provider, tokens, criteria);
  if (isNamed || foundItems(lookups).length === 0) return lookups;
  const inUse = await tokens.tokenInUse();
  // The API returns only the name of the credential, which several tokens can have.
  const isInUse = (token: Token) => inUse !== undefined && hasSameName(token, inUse);
  for (const token of foundItems(lookups).filter(isInUse))
    await session.say({
      text: [
        `Skipped ${describeToken(token)}: it has the name of the credential in use.`,
        `To ${command} it, name it: tokctl token ${command} ${token.id}`,
      ],
      always: true,
    });
  return lookups.filter(({ found }) => !found || !isInUse(found.item));
}

/**
 * Asks for confirmation of a change of selected tokens.
 * @throws UsageError without `--yes` for several tokens in a non-interactive run; InterruptedError if
 * the answer is no.
 */
export async function confirmSelection(
  session: Session,
  provider: Provider,
  tokens: TokenProvider,
  found: readonly LookupResult<Token>[],
  action: Pick<DestructiveAction<Token>, "verb" | "yes">,
): Promise<void> {
  const ids = found.map(({ item }) => item.id);
  requireYesForMany(session, ids, { ...action, noun: "token" });
  await confirmTokenChange(session, provider, tokens, found, {
    ...action,
    excludesCredential: true,
  });
}

/** Shows the tokens that `--dry-run` would change. @param missingOk missing tokens are no failure */
export function showPlan(
  { supports }: Provider,
  lookups: readonly ReferenceLookup<Token>[],
  { command, missingOk = false }: Pick<SelectionChange, "command"> & { missingOk?: boolean },
): Result {
  const planned = foundItems(lookups);
  const count = `${planned.length} token${planned.length === 1 ? "" : "s"}`;
  const isFailure = ({ error }: ReferenceLookup<Token>) =>
    !missingOk || !(error instanceof NotFoundError);
  return show(planned, tokensView(supports), {
    notes: [
      planned.length === 0
        ? noMatch
        : { text: `Dry run: tokctl would ${command} ${count}. Nothing was changed.` },
    ],
    failure: summarizeMissing(lookups.filter(isFailure)),
  });
}

const noMatch = { text: "No tokens match." };

/** The result of a change without tokens. */
export const showNoMatch = ({ supports }: Provider): Result =>
  show([], tokensView(supports), { notes: [noMatch] });
