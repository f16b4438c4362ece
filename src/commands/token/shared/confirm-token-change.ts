import type { LookupResult } from "../../../core/lookup.ts";
import type { Provider } from "../../../core/provider.ts";
import type { Token } from "../../../core/token.ts";
import type { TokenProvider } from "../../../core/token-provider.ts";
import { warnIfInUse } from "../../../issuance/token-in-use.ts";
import type { Session } from "../../../session/session.ts";
import {
  confirmAction,
  type DestructiveAction,
  requireFullIds,
} from "../../shared/confirm-action.ts";
import { describePermissions, describeReach } from "./scope.ts";

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
