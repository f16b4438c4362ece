import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";

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
  if (!(error instanceof HTTPException)) {
    return c.json({ message: "internal server error", class: "Server::InternalServerError" }, 500);
  }
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
