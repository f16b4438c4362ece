import type { MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";
import { bearerCredential, parseBody } from "../http.ts";
import { quantum } from "./resources/resource.ts";

/** The ID of the OAuth client that issues access tokens to OpenStack users. */
export const ovhAiClient = "ovhai";

/** The sender of a request: an application token, or a user who signed in. */
export interface OvhAiCaller {
  readonly name: string;
  readonly role: OvhAiTokenSpec["role"] | "administrator";
  readonly labelSelector?: string;
  readonly tokenKind: "app" | "oauth";
}

/**
 * Finds the caller of a credential. Returns undefined if the credential is unknown or no longer
 * valid.
 */
export interface CallerLookup {
  findByCredential(credential: string): OvhAiCaller | undefined;
  /** Finds the caller by the SHA-256 of an application token. */
  findByTokenDigest(digest: string): OvhAiCaller | undefined;
}

/** Context variables that `authenticateOvhAi` sets. */
export interface OvhAiEnv {
  Variables: { caller: OvhAiCaller };
}

/**
 * Sets the caller of a request with a valid bearer credential, and responds with 401 to all others.
 */
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
 * Returns whether a caller can manage tokens. Scoped tokens can't, since they could create an
 * unscoped token; read tokens can't either.
 */
function mayManageTokens({ role, labelSelector }: OvhAiCaller): boolean {
  return role === "administrator" || (role.endsWith("_operator") && !labelSelector);
}

/** Responds with 403 to callers that can't manage tokens. */
export const requireTokenManager: MiddlewareHandler<OvhAiEnv> = async (c, next) => {
  if (!mayManageTokens(c.get("caller")))
    throw new HTTPException(403, { message: "this token cannot manage tokens" });
  await next();
};

/** Responds with 403 to read tokens, which can access running resources but not the API. */
export const requireOperator: MiddlewareHandler<OvhAiEnv> = async (c, next) => {
  const { role } = c.get("caller");
  if (role !== "administrator" && !role.endsWith("_operator")) {
    throw new HTTPException(403, {
      message: "this token can only access running resources, not the API",
    });
  }
  await next();
};

/** Returns the traits that a resource must have for the caller to access it. @see traitsOf */
export const requiredTraits = ({ role, labelSelector }: OvhAiCaller): readonly string[] => [
  ...(labelSelector ? [labelSelector] : []),
  ...(role.startsWith("quantum_") ? [quantum] : []),
];

/**
 * The roles of the API. The deprecated names `read` and `operator` exist only on the command line.
 */
export const ovhAiRoles = [
  "ai_training_read",
  "ai_training_operator",
  "quantum_reader",
  "quantum_operator",
] as const;

/** One label as `name=value`, or "" for no label. */
export const LabelSelector = v.pipe(v.string(), v.regex(/^(?:[^=,]+=[^,]+)?$/));

/** Fields of a token spec. The public API adds `region`. */
export const tokenSpecEntries = {
  name: v.pipe(v.string(), v.nonEmpty()),
  role: v.picklist(ovhAiRoles),
  labelSelector: v.exactOptional(LabelSelector),
};

/** Error message of each field. */
export const tokenSpecRules = {
  name: "must be a non-empty string",
  role: `must be one of ${ovhAiRoles.join(", ")}`,
  labelSelector: "must be one name=value, without a comma",
};

const Schema = v.strictObject(tokenSpecEntries);

/** Name, role and scope of a token, which can't be changed: `TokenSpec` of the API. */
export type OvhAiTokenSpec = v.InferOutput<typeof Schema>;

/** Parses the body of a create request. @throws HTTPException 400 */
export function parseOvhAiTokenSpec(body: string): OvhAiTokenSpec {
  return parseBody(body, Schema, tokenSpecRules);
}
