import type { Transport } from "../../core/connection.ts";
import { Secret } from "../../core/secret.ts";
import { type IssuedToken, toToken } from "../../core/token.ts";
import { CliError } from "../../errors.ts";
import type { CreateRequest, TokenEndpoints } from "./tokens.ts";

/** The dependencies of `createAndReadBack()`. */
export interface CreateContext {
  readonly endpoints: TokenEndpoints;
  readonly owner: string | undefined;
  readonly now: () => Date;
  readonly warn: Transport["warn"];
}

/**
 * Creates a token and reads it back, because the response to create is only the secret. If reading
 * fails, warns and returns the requested values, so that the secret is not lost.
 */
export async function createAndReadBack(
  { endpoints, owner, now, warn }: CreateContext,
  request: CreateRequest,
): Promise<IssuedToken> {
  const { name, expiresAt, description = null, roles } = request;
  const token = new Secret(await endpoints.create(request));
  const requested = toToken(
    {
      id: name,
      name,
      roles,
      description,
      owner: owner ?? null,
      expiresAt: `${expiresAt}T00:00:00Z`,
    },
    now(),
  );
  try {
    const created = (await endpoints.list()).find((each) => each.name === name);
    return { ...(created ?? requested), token };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    warn({
      text: `warning: Token "${name}" was created, but could not be read: ${error.message}`,
      always: true,
    });
    return { ...requested, token };
  }
}
