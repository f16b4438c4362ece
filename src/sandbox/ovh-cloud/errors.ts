import type { Context, Handler, Hono } from "hono";
import { HTTPException } from "hono/http-exception";

const classes: ReadonlyMap<number, string> = new Map([
  [400, "Client::BadRequest"],
  [401, "Client::Unauthorized"],
  [403, "Client::Forbidden"],
  [404, "Client::NotFound"],
  [405, "Client::MethodNotAllowed"],
  [413, "Client::RequestEntityTooLarge"],
]);

/** The response to an error thrown anywhere below `/1.0`: `{"message", "class"}`. */
export function answerOvhError(error: Error, c: Context): Response {
  if (!(error instanceof HTTPException)) {
    return c.json({ message: "internal server error", class: "Server::InternalServerError" }, 500);
  }
  const { message, status, res } = error;
  return res ?? c.json({ message, class: classes.get(status) }, status);
}

/** Unknown application or consumer key, or one that is not validated. */
export const invalidCredential = (): HTTPException =>
  olderError(403, "403 Forbidden", "INVALID_CREDENTIAL", "This credential is not valid");

/** A signature that is not the request's, or not of this time. */
export const invalidSignature = (): HTTPException =>
  olderError(400, "400 Bad Request", "INVALID_SIGNATURE", "Invalid signature");

/** A call beyond the access rules that the consumer key was asked for. */
export const notGranted = (): HTTPException =>
  olderError(403, "403 Forbidden", "NOT_GRANTED_CALL", "This call has not been granted");

/** The older shape, which the part of the API that checks credentials still has. */
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

/** Answers the methods of the known paths that have no handler; to be called after all others. */
export function refuseOtherMethods(routes: Hono): void {
  const served = routes.routes.filter(({ method }) => method !== "ALL");
  for (const path of new Set(served.map((route) => route.path))) {
    const methods = served.filter((route) => route.path === path).map(({ method }) => method);
    routes.all(path, refuseMethod(methods.join(", ")));
  }
}

function refuseMethod(allowed: string): Handler {
  return (c) => {
    c.header("Allow", allowed);
    throw new HTTPException(405, { message: `the method must be one of ${allowed}` });
  };
}
