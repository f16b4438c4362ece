import type { TokenProvider } from "./provider.ts";
import type { Token } from "./token.ts";

/** What became known of somebody's tokens; without an owner, of the caller's own. */
export type TokenEvent = { readonly owner: string | undefined } & (
  | { readonly kind: "listed"; readonly tokens: readonly Token[] }
  | { readonly kind: "made"; readonly token: Token }
  | { readonly kind: "gone"; readonly id: string }
);

/** A provider that tells what becomes known of tokens as they are listed, made, renewed and deleted. */
export const watchTokens = (
  tokens: TokenProvider,
  tell: (news: TokenEvent) => void,
): TokenProvider => ({
  ...tokens,
  ...watchRestoring(tokens, tell),
  async list(owner) {
    const listed = await tokens.list(owner);
    tell({ owner, kind: "listed", tokens: listed });
    return listed;
  },
  async create(spec, before) {
    const token = await tokens.create(spec, before);
    tell({ owner: spec.owner, kind: "made", token });
    return token;
  },
  async renew(old, changes, owner) {
    const token = await tokens.renew(old, changes, owner);
    tell({ owner, kind: "made", token });
    return token;
  },
  async delete(token, owner) {
    await tokens.delete(token, owner);
    tell({ owner, kind: "gone", id: token.id });
  },
});

function watchRestoring(
  { restore }: TokenProvider,
  tell: (news: TokenEvent) => void,
): Pick<TokenProvider, "restore"> {
  if (!restore) return {};
  return {
    async restore(old, owner) {
      const token = await restore(old, owner);
      tell({ owner, kind: "made", token });
      return token;
    },
  };
}
