import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Why a request is answered with an error: its status and its body, one of the shapes below. */
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

/** One entry of the framework's 422: what was wrong, where, and the input it echoes. */
export interface ValidationDetail {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

/** The service's own refusal, told apart from the others by its message alone. */
export const userError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(400, { message, error_code: "USER", workflow_id: null });

/** A client too old, or a token that expired while in use. */
export const osmoError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(400, { message, error_code: "OSMO_ERROR" });

/** What the service did not foresee. */
export const serverError = (message: string): OsmoErrorResponse =>
  new OsmoErrorResponse(500, { message: `Internal server error: ${message}` });

/** The web framework's own refusal, before the service's code ran. */
export const frameworkError = (status: 404 | 405, detail: string): OsmoErrorResponse =>
  new OsmoErrorResponse(status, { detail });

/** The framework's refusal of a query or a body that does not fit. */
export const validationError = (detail: readonly ValidationDetail[]): OsmoErrorResponse =>
  new OsmoErrorResponse(422, { detail });

/** The gateway's refusal: plain text, and the service never sees the request. */
export const gatewayError = (status: 400 | 401 | 403, text: string): OsmoErrorResponse =>
  new OsmoErrorResponse(status, text);

/** The response to an error thrown anywhere in the emulation. */
export function answerOsmoError(error: Error, c: Context): Response {
  const { status, body } = error instanceof OsmoErrorResponse ? error : serverError(error.message);
  return typeof body === "string"
    ? c.body(body, status, { "content-type": "text/plain" })
    : c.json(body, status);
}
