import type { Provider } from "../core/provider.ts";
import { toSoftExpiryName } from "../core/soft-expiry.ts";
import { parseSelector, type Token, type TokenSpec } from "../core/token.ts";
import type { RenewChanges, TokenProvider } from "../core/token-provider.ts";
import { ConflictError, NotFoundError, UsageError } from "../errors.ts";
import type { Session } from "../session/session.ts";
import type { DeliverableSecret } from "./deliver.ts";
import { replaceToken, withNameLock } from "./ensure-token.ts";
import { renewToken } from "./issue.ts";
import type { LostSecretAction } from "./lost-secret.ts";

/**
 * Issues a new secret for a token. Renews the token, unless its soft expiry changes: no API can rename a
 * token, so that a new token replaces it. The old one is deleted once the new secret is delivered.
 * @returns the token and its open journal entry: deliver the secret, then close the entry.
 * @throws UsageError for an expiry in the past; ConflictError if the token may be the credential in use,
 * or a token of the new name exists; CliError as `renewToken` and `createToken` do.
 */
export async function reissueToken(
  session: Session,
  provider: Provider,
  tokens: TokenProvider,
  token: Token,
  changes: RenewChanges & { readonly owner: string | undefined },
  onLost: LostSecretAction | undefined,
): Promise<DeliverableSecret> {
  const spec = toReplacement(session, provider, token, changes);
  if (spec === undefined)
    return {
      ...(await renewToken(session, tokens, token, changes, onLost)),
      isNewToken: false,
    };
  return withNameLock(session, provider, spec, async () => {
    const before = await tokens.list(spec.owner);
    if (!before.some(({ id }) => id === token.id))
      throw new NotFoundError(`Token "${token.id}" no longer exists.`, {
        hint: "To list the existing tokens: tokctl token list",
      });
    const other = before.find(({ name, region }) => name === spec.name && region === token.region);
    if (other)
      throw new ConflictError(`A token "${spec.name}" already exists: ${other.id}.`, {
        hint: "Choose another expiry, or delete one of the two tokens by its ID.",
      });
    const context = { session, provider, tokens, spec, ifExists: "fail", onLost } as const;
    return replaceToken(context, token, before);
  });
}

/** Returns the token that replaces another one; undefined if the token keeps its name. */
function toReplacement(
  { host }: Session,
  { supports }: Provider,
  { name, roles, labelSelector, region }: Token,
  { expiry, owner }: RenewChanges & { readonly owner: string | undefined },
): TokenSpec | undefined {
  if (expiry === undefined || !supports.softExpiry || name === null) return undefined;
  const newName = toSoftExpiryName(name, expiry, host.now());
  if (newName === name) return undefined;
  const selector = labelSelector === null ? undefined : parseSelector(labelSelector);
  if (labelSelector !== null && selector === undefined)
    throw new UsageError(`The label selector "${labelSelector}" of the token cannot be copied.`, {
      hint: "Create a token with another selector, and delete this one.",
    });
  return { name: newName, roles, selector, region: region ?? undefined, owner };
}
