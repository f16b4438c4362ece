import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { SandboxRuntime } from "../api.ts";
import { bearerCredential } from "../http.ts";
import { type ConsumerKeyCredential, type ConsumerKeys, rulesAllow } from "./consumer-keys.ts";

/** The parts of a request that its signature covers. */
export interface SignedRequest {
  readonly applicationSecret: string;
  readonly consumerKey: string;
  readonly method: string;
  /** Full URL, as the client called it. */
  readonly url: string;
  readonly body: string;
  /** Value of the `X-Ovh-Timestamp` header: seconds since the epoch. */
  readonly timestamp: string;
}

/**
 * Returns the `X-Ovh-Signature` of a request.
 * @see https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/
 */
export function signOvhRequest(request: SignedRequest): string {
  const { applicationSecret, consumerKey, method, url, body, timestamp } = request;
  const signed = [applicationSecret, consumerKey, method, url, body, timestamp].join("+");
  return `$1$${createHash("sha1").update(signed).digest("hex")}`;
}

/** Maximum difference between the client's and the server's clock. */
const maxSkewSeconds = 30;

/** The registered application of the account. */
export interface OvhApplication {
  readonly applicationKey: string;
  readonly applicationSecret: string;
}

/** Returns the server's time in seconds since the epoch, as `GET /auth/time` does. */
export function serverTime(now: SandboxRuntime["now"]): number {
  return Math.floor(now().getTime() / 1000);
}

/**
 * Verifies the signature of a request and returns the credential of its consumer key, which may be
 * in any status.
 * @throws HTTPException 400, 401 or 403 if the signature or a key is invalid.
 */
export type SignatureVerifier = (c: Context) => Promise<ConsumerKeyCredential>;

/** Returns a verifier of the four `X-Ovh-*` headers. It checks the keys before the signature. */
export function createSignatureVerifier(
  now: SandboxRuntime["now"],
  { applicationKey, applicationSecret }: OvhApplication,
  consumerKeys: ConsumerKeys,
): SignatureVerifier {
  return async (c) => {
    const application = c.req.header("X-Ovh-Application");
    if (application === undefined)
      throw new HTTPException(401, { message: "You must login first" });
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
 * Accepts a request that is signed with a validated consumer key if its access rules allow the
 * call, and every request with a valid bearer token.
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

const classes: ReadonlyMap<number, string> = new Map([
  [400, "Client::BadRequest"],
  [401, "Client::Unauthorized"],
  [403, "Client::Forbidden"],
  [404, "Client::NotFound"],
  [405, "Client::MethodNotAllowed"],
  [413, "Client::RequestEntityTooLarge"],
]);

/**
 * Responds to an error below `/1.0` with `{"message", "class"}`.
 * @see https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/
 */
export function answerOvhError(error: Error, c: Context): Response {
  if (!(error instanceof HTTPException))
    return c.json({ message: "internal server error", class: "Server::InternalServerError" }, 500);
  const { message, status, res } = error;
  return res ?? c.json({ message, class: classes.get(status) }, status);
}

/** The application or consumer key is unknown, or the consumer key is not validated. */
export const invalidCredential = (): HTTPException =>
  olderError(403, "403 Forbidden", "INVALID_CREDENTIAL", "This credential is not valid");

/**
 * The signature does not match the request, or its timestamp is too far from the server's clock.
 */
export const invalidSignature = (): HTTPException =>
  olderError(400, "400 Bad Request", "INVALID_SIGNATURE", "Invalid signature");

/** The access rules of the consumer key do not allow the call. */
export const notGranted = (): HTTPException =>
  olderError(403, "403 Forbidden", "NOT_GRANTED_CALL", "This call has not been granted");

/** Credential errors still have the older shape with `errorCode` and `httpCode`. */
function olderError(
  status: 400 | 403,
  httpCode: string,
  errorCode: string,
  message: string,
): HTTPException {
  return new HTTPException(status, {
    message,
    res: Response.json({ errorCode, httpCode, message }, { status }),
  });
}
