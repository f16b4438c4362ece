import type { Context } from "../../context.ts";
import type { Found } from "../../core/find.ts";
import type { TokenProvider } from "../../core/provider.ts";
import { describeToken } from "../../core/token.ts";
import { CliError, InterruptedError, UsageError } from "../../errors.ts";

/**
 * Before secrets die: says if the credential in use is among them, and at a terminal asks once for
 * all, unless `yes` was given. Off a terminal and in CI an explicitly named token needs no answer.
 * @returns whether the credential in use may be among them.
 * @throws UsageError for a token named by the beginning of its id, if nobody can be asked.
 */
export async function requireConsent(
  context: Context,
  tokens: TokenProvider,
  doomed: readonly Found[],
  { verb, yes = false }: { readonly verb: string; readonly yes: boolean | undefined },
): Promise<boolean> {
  const asks = context.interactive && !yes;
  const guessed = doomed.find(({ byPrefix }) => byPrefix);
  if (guessed && !asks)
    throw new UsageError(
      `Only the beginning of an id was given, and nobody is asked whether ${describeToken(guessed.token)} is meant.`,
      {
        hint: `Give the whole id to ${verb.toLowerCase()} it.`,
      },
    );
  const inUse = await tokens.tokenInUse().catch(async (error: unknown) => {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    // Revoking a token must not depend on a question that is asked for a warning's sake.
    await context.say({
      text: `It is not known whether this is the credential in use: ${error.message}`,
    });
    return undefined;
  });
  const same = doomed.filter(
    ({ token }) => inUse && token.name === inUse.name && token.owner === inUse.owner,
  );
  for (const { token } of same)
    await context.say({
      text: `Warning: ${describeToken(token)} bears the name of the credential in use, which stops working if it is the same token.`,
      always: true,
    });
  if (asks)
    await context.confirm(
      `${verb} ${doomed.map(({ token }) => describeToken(token)).join(", ")}? ${doomed.length > 1 ? "Their secrets stop" : "Its secret stops"} working at once.`,
    );
  return same.length > 0;
}
