import { CliError } from "../errors.ts";
import type { Identity, TokenProvider } from "./provider.ts";

/**
 * Asks the API whose credential is in use.
 * @throws CliError `forbidden` where the credential may not ask: `whoami`, which the hint of other
 * commands names, would be refused too.
 */
export async function identify(tokens: Pick<TokenProvider, "whoami">): Promise<Identity> {
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
