import type { MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { bearerCredential } from "../http.ts";
import { QUANTUM } from "./resources/resource.ts";
import type { OvhAiTokenSpec } from "./wire.ts";

/** The client by which OpenStack users get access tokens. */
export const OVH_AI_CLIENT = "ovhai";

/** Who sends a request: an application token, or a user who signed in. */
export interface OvhAiCaller {
  readonly name: string;
  readonly role: OvhAiTokenSpec["role"] | "administrator";
  readonly labelSelector?: string;
  readonly tokenKind: "app" | "oauth";
}

/** Whom credentials speak for; undefined if they are nobody's, or nobody's any more. */
export interface CallerLookup {
  findByCredential(credential: string): OvhAiCaller | undefined;
  /** By an application token of which only the digest is known. */
  findByTokenDigest(digest: string): OvhAiCaller | undefined;
}

/** What the routes behind `authenticate` know. */
export interface OvhAiEnv {
  Variables: { caller: OvhAiCaller };
}

/** Lets a request in whose bearer credential belongs to someone; 401 for all others. */
export function authenticateOvhAi({ findByCredential }: CallerLookup): MiddlewareHandler<OvhAiEnv> {
  return async (c, next) => {
    const credential = bearerCredential(c);
    const caller = credential === undefined ? undefined : findByCredential(credential);
    if (!caller) {
      c.header("WWW-Authenticate", "Bearer");
      throw new HTTPException(401, { message: "a valid token is required" });
    }
    c.set("caller", caller);
    await next();
  };
}

/**
 * Whether a caller may manage tokens. A scoped token may not, or it could make itself an unscoped
 * one; nor may one that only reads.
 */
function mayManageTokens({ role, labelSelector }: OvhAiCaller): boolean {
  return role === "administrator" || (role.endsWith("_operator") && !labelSelector);
}

/** Keeps everyone else out with 403. */
export const requireTokenManager: MiddlewareHandler<OvhAiEnv> = async (c, next) => {
  if (!mayManageTokens(c.get("caller"))) {
    throw new HTTPException(403, { message: "this token may not manage tokens" });
  }
  await next();
};

/** Keeps those out who may only reach what is served, and change nothing. */
export const requireOperator: MiddlewareHandler<OvhAiEnv> = async (c, next) => {
  const { role } = c.get("caller");
  if (role !== "administrator" && !role.endsWith("_operator")) {
    throw new HTTPException(403, { message: "this token may only reach what is served" });
  }
  await next();
};

/** The traits that a resource must have for a caller to reach it; without any, all are reached. */
export const requiredTraits = ({ role, labelSelector }: OvhAiCaller): readonly string[] => [
  ...(labelSelector ? [labelSelector] : []),
  ...(role.startsWith("quantum_") ? [QUANTUM] : []),
];
