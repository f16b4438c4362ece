import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { SandboxRuntime } from "../api.ts";
import { bearerCredential } from "../http.ts";
import { type ConsumerKeyCredential, type ConsumerKeys, rulesAllow } from "./consumer-keys.ts";
import { invalidCredential, invalidSignature, notGranted } from "./errors.ts";

/** What a signature vouches for. */
export interface SignedRequest {
  readonly applicationSecret: string;
  readonly consumerKey: string;
  readonly method: string;
  /** As the client called it, scheme and host included. */
  readonly url: string;
  readonly body: string;
  /** Seconds of the server's clock, as they stand in the header. */
  readonly timestamp: string;
}

/** `X-Ovh-Signature` of a request. */
export function signOvhRequest(request: SignedRequest): string {
  const { applicationSecret, consumerKey, method, url, body, timestamp } = request;
  const signed = [applicationSecret, consumerKey, method, url, body, timestamp].join("+");
  return `$1$${createHash("sha1").update(signed).digest("hex")}`;
}

/** How far a client's clock may be off, either way. */
const maxSkewSeconds = 30;

/** The application that the account has registered. */
export interface OvhApplication {
  readonly applicationKey: string;
  readonly applicationSecret: string;
}

/** The server's clock in whole seconds, as `GET /auth/time` tells it and signatures carry it. */
export function serverTime(now: SandboxRuntime["now"]): number {
  return Math.floor(now().getTime() / 1000);
}

/** Who signed a request, whatever was answered to their consumer key. Throws when nobody has. */
export type SignatureVerifier = (c: Context) => Promise<ConsumerKeyCredential>;

/** Checks signatures by the four `X-Ovh-*` headers: the keys first, then the signature itself. */
export function createSignatureVerifier(
  now: SandboxRuntime["now"],
  { applicationKey, applicationSecret }: OvhApplication,
  consumerKeys: ConsumerKeys,
): SignatureVerifier {
  return async (c) => {
    const application = c.req.header("X-Ovh-Application");
    if (application === undefined) {
      throw new HTTPException(401, { message: "You must login first" });
    }
    const consumerKey = c.req.header("X-Ovh-Consumer") ?? "";
    const credential = consumerKeys.find(consumerKey);
    if (application !== applicationKey || !credential) throw invalidCredential();

    const timestamp = c.req.header("X-Ovh-Timestamp") ?? "";
    const { method, url } = c.req;
    const body = await c.req.text();
    const signed = { applicationSecret, consumerKey, method, url, body, timestamp };
    const timely =
      /^\d+$/.test(timestamp) && Math.abs(Number(timestamp) - serverTime(now)) <= maxSkewSeconds;
    if (!timely || c.req.header("X-Ovh-Signature") !== signOvhRequest(signed))
      throw invalidSignature();
    return credential;
  };
}

/**
 * Lets a request in that is signed with a validated consumer key whose access rules cover it, or
 * that has a bearer token, which may make every call.
 */
export function authenticateOvhCloud(
  verifySignature: SignatureVerifier,
  verifyBearer: (token: string) => boolean,
): MiddlewareHandler {
  return async (c, next) => {
    const bearer = bearerCredential(c);
    if (bearer === undefined) {
      const { status, rules } = await verifySignature(c);
      if (status !== "validated") throw invalidCredential();
      if (!rulesAllow(rules, c.req.method, c.req.path)) throw notGranted();
    } else if (!verifyBearer(bearer)) {
      throw new HTTPException(401, { message: "This access token is not valid" });
    }
    await next();
  };
}
