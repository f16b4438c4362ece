import type { Transport } from "../../core/connection.ts";
import { Secret } from "../../core/secret.ts";
import { type IssuedToken, toToken } from "../../core/token.ts";
import { CliError } from "../../errors.ts";
import type { CreateRequest, TokenEndpoints } from "./tokens.ts";

/** What issuing needs to know of the world. */
export interface Issuing {
  readonly endpoints: TokenEndpoints;
  readonly owner: string | undefined;
  readonly now: () => Date;
  readonly warn: Transport["warn"];
}

/**
 * Creates a token and reads it back, because the service answers with the secret alone. A failure
 * of the reading must not lose the secret: it is only warned about.
 */
export async function issueToken(
  { endpoints, owner, now, warn }: Issuing,
  request: CreateRequest,
): Promise<IssuedToken> {
  const { name, expiresAt, description = null, roles } = request;
  const token = new Secret(await endpoints.create(request));
  const asAsked = toToken(
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
    return { ...(created ?? asAsked), token };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    warn({
      text: `Warning: "${name}" exists, but could not be read back: ${error.message}`,
      always: true,
    });
    return { ...asAsked, token };
  }
}
