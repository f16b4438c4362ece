import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** An error response: its status and body. */
export class OsmoErrorResponse extends Error {
  readonly status: ContentfulStatusCode;
  readonly body: object | string;

  constructor(status: ContentfulStatusCode, body: object | string) {
    super(typeof body === "string" ? body : JSON.stringify(body));
    this.name = "Refusal";
    this.status = status;
    this.body = body;
  }
}

/** One entry of a 422 response of the web framework: error, location and invalid input. */
export interface ValidationDetail {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

/** An error of the service. Clients can distinguish these errors only by message. */
export const userError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(400, { message, error_code: "USER", workflow_id: null });

/** The client is too old, or the access token of the JWT has expired. */
export const osmoError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(400, { message, error_code: "OSMO_ERROR" });

/** An unexpected error of the service. */
export const serverError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(500, { message: `Internal server error: ${message}` });

/** An error of the web framework: unknown path or method. */
export const frameworkError = (status: 404 | 405, detail: string): OsmoErrorResponse =>
  new OsmoErrorResponse(status, { detail });

/** An error of the web framework: invalid query or body. */
export const validationError = (detail: readonly ValidationDetail[]): OsmoErrorResponse =>
  new OsmoErrorResponse(422, { detail });

/** An error of the gateway, in plain text. The service does not receive the request. */
export const gatewayError = (status: 400 | 401 | 403, text: string): OsmoErrorResponse =>
  new OsmoErrorResponse(status, text);

/** Responds to an error thrown by a route. */
export function answerOsmoError(error: Error, c: Context): Response {
  const { status, body } = error instanceof OsmoErrorResponse ? error : serverError(error.message);
  return typeof body === "string"
    ? c.body(body, status, { "content-type": "text/plain" })
    : c.json(body, status);
}
