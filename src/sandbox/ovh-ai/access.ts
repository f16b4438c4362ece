import type { MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { TokenSpec } from "./spec.ts";

/** What the routes behind `authenticate` know: the token that the request was made with. */
export interface AuthenticatedEnv {
  Variables: { caller: TokenSpec };
}

/** Lets a request in whose bearer credential belongs to someone; 401 for all others. */
export function authenticate(
  callerOf: (credential: string) => TokenSpec | undefined,
): MiddlewareHandler<AuthenticatedEnv> {
  return async (c, next) => {
    const credential = /^Bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
    const caller = credential === undefined ? undefined : callerOf(credential);
    if (!caller) {
      c.header("WWW-Authenticate", "Bearer");
      throw new HTTPException(401, { message: "a valid token is required" });
    }
    c.set("caller", caller);
    await next();
  };
}

/**
 * Whether a token may manage tokens. A scoped one may not, or it could make itself an unscoped
 * one; nor may one that only reads.
 */
export function mayManageTokens({ role, labelSelector }: TokenSpec): boolean {
  return role.endsWith("_operator") && !labelSelector;
}

/** Keeps everyone else out with 403. */
export const requireTokenManager: MiddlewareHandler<AuthenticatedEnv> = async (c, next) => {
  if (!mayManageTokens(c.get("caller"))) {
    throw new HTTPException(403, { message: "this token may not manage tokens" });
  }
  await next();
};
