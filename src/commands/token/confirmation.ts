import type { LookupResult } from "../../core/lookup.ts";
import type { Provider, TokenProvider } from "../../core/provider.ts";
import { describeToken, hasSameName, type Token } from "../../core/token.ts";
import { CliError, InterruptedError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";
import { type DestructiveAction, prepareConfirmation } from "../confirmation.ts";
import { describePermissions, describeReach } from "./scope.ts";

/**
 * Before secrets die: says if the credential in use is among them, and asks, with what they open.
 * @returns whether the credential in use may be among them.
 * @throws UsageError for a token named by the beginning of its id, if nobody can be asked.
 */
export async function confirmTokenChange(
  session: Session,
  provider: Provider,
  tokens: TokenProvider,
  doomed: readonly LookupResult<Token>[],
  deed: Pick<DestructiveAction<Token>, "verb" | "yes">,
): Promise<boolean> {
  const ask = prepareConfirmation(session, doomed, {
    ...deed,
    noun: "token",
    detail: (token) => describePermissions(token, provider),
    consequence: async () => {
      const reach = await describeReach(
        provider,
        tokens,
        doomed.map(({ item }) => item),
      );
      const end = `${doomed.length > 1 ? "Their secrets stop" : "Its secret stops"} working at once.`;
      return [...reach, end].join(" ");
    },
  });
  const inUse = await tokens.tokenInUse().catch(async (error: unknown) => {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    // Revoking a token must not depend on a question that is asked for a warning's sake.
    await session.say({
      text: `It is not known whether this is the credential in use: ${error.message}`,
    });
    return undefined;
  });
  const same = doomed.filter(({ item }) => inUse && hasSameName(item, inUse));
  for (const { item } of same)
    await session.say({
      text: `warning: ${describeToken(item)} bears the name of the credential in use, which stops working if it is the same token.`,
      always: true,
    });
  await ask();
  return same.length > 0;
}
