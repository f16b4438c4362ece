import type { Context, Handler } from "hono";

/** The error codes of RFC 6749 §4.1.2.1 and §5.2, and of RFC 8628 §3.5. */
export type ErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "invalid_scope"
  | "access_denied"
  | "authorization_pending"
  | "slow_down"
  | "expired_token";

/** A refusal that has a code. The description never repeats what was sent: it may be a secret. */
export class OAuthError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, description: string) {
    super(description);
    this.name = "OAuthError";
    this.code = code;
  }
}

/**
 * An endpoint that answers in JSON, never cached (RFC 6749 §5.1), and refuses as §5.2 says:
 * 400, or 401 with a challenge for a client that fails to authenticate by its header.
 */
export function jsonEndpoint(answer: (c: Context) => Promise<object>): Handler {
  return async (c) => {
    c.header("Cache-Control", "no-store");
    c.header("Pragma", "no-cache");
    try {
      return c.json(await answer(c));
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      const { code, message } = error;
      const status = code === "invalid_client" ? 401 : 400;
      if (status === 401 && c.req.header("Authorization") !== undefined) {
        c.header("WWW-Authenticate", 'Basic realm="tokctl sandbox"');
      }
      return c.json({ error: code, error_description: message }, status);
    }
  };
}
