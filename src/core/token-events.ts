import type { Token } from "./token.ts";
import type { TokenProvider } from "./token-provider.ts";

/** A change or a listing of a user's tokens; `owner` is undefined for the caller's own tokens. */
export type TokenEvent = { readonly owner: string | undefined } & (
  | { readonly kind: "listed"; readonly tokens: readonly Token[] }
  | { readonly kind: "issued"; readonly token: Token }
  | { readonly kind: "deleted"; readonly id: string }
);

/** Returns a provider that reports tokens when they are listed, created, renewed or deleted. */
export const watchTokens = (
  tokens: TokenProvider,
  report: (news: TokenEvent) => void,
): TokenProvider => ({
  ...tokens,
  ...watchRestoring(tokens, report),
  async list(owner) {
    const listed = await tokens.list(owner);
    report({ owner, kind: "listed", tokens: listed });
    return listed;
  },
  async create(spec, before) {
    const token = await tokens.create(spec, before);
    report({ owner: spec.owner, kind: "issued", token });
    return token;
  },
  async renew(old, changes, owner) {
    const token = await tokens.renew(old, changes, owner);
    report({ owner, kind: "issued", token });
    return token;
  },
  async delete(token, owner) {
    await tokens.delete(token, owner);
    report({ owner, kind: "deleted", id: token.id });
  },
});

function watchRestoring(
  { restore }: TokenProvider,
  report: (news: TokenEvent) => void,
): Pick<TokenProvider, "restore"> {
  if (!restore) return {};
  return {
    async restore(old, owner) {
      const token = await restore(old, owner);
      report({ owner, kind: "issued", token });
      return token;
    },
  };
}
