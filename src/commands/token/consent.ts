import type { Context } from "../../context.ts";
import type { Found } from "../../core/find.ts";
import type { TokenProvider } from "../../core/provider.ts";
import { describeToken } from "../../core/token.ts";
import { UsageError } from "../../errors.ts";

/**
 * Before secrets die: says if the credential in use is among them, and at a terminal asks once for
 * all, unless `yes` was given. Off a terminal and in CI an explicitly named token needs no answer.
 * @throws UsageError for a token named by the beginning of its id, if nobody can be asked.
 */
export async function requireConsent(
  context: Context,
  tokens: TokenProvider,
  doomed: readonly Found[],
  { verb, yes = false }: { readonly verb: string; readonly yes: boolean | undefined },
): Promise<void> {
  const ask = yes ? undefined : context.confirm;
  const guessed = doomed.find(({ byPrefix }) => byPrefix);
  if (guessed && !ask)
    throw new UsageError(
      `Only the beginning of an id was given, and nobody is asked whether ${describeToken(guessed.token)} is meant.`,
      {
        hint: `Give the whole id to ${verb.toLowerCase()} it.`,
      },
    );
  const inUse = await tokens.tokenInUse();
  for (const { token } of doomed)
    if (inUse && token.name === inUse.name && token.owner === inUse.owner)
      await context.say({
        text: `Warning: ${describeToken(token)} bears the name of the credential in use, which stops working if it is the same token.`,
        always: true,
      });
  await ask?.(
    `${verb} ${doomed.map(({ token }) => describeToken(token)).join(", ")}? ${doomed.length > 1 ? "Their secrets stop" : "Its secret stops"} working at once.`,
  );
}
