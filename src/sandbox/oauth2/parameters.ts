import type { Context, Handler, HonoRequest } from "hono";

/** The error codes of RFC 6749 §4.1.2.1 and §5.2, and of RFC 8628 §3.5. */
export type OAuthErrorCode =
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
export class OAuthErrorResponse extends Error {
  readonly code: OAuthErrorCode;

  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.name = "OAuthError";
    this.code = code;
  }
}

/**
 * An endpoint that answers in JSON, never cached (RFC 6749 §5.1), and refuses as §5.2 says:
 * 400, or 401 with a challenge for a client that fails to authenticate by its header.
 */
export function oauthEndpoint(answer: (c: Context) => Promise<object>): Handler {
  return async (c) => {
    c.header("Cache-Control", "no-store");
    c.header("Pragma", "no-cache");
    try {
      return c.json(await answer(c));
    } catch (error) {
      if (!(error instanceof OAuthErrorResponse)) throw error;
      const { code, message } = error;
      const status = code === "invalid_client" ? 401 : 400;
      if (status === 401 && c.req.header("Authorization") !== undefined) {
        c.header("WWW-Authenticate", 'Basic realm="tokctl sandbox"');
      }
      return c.json({ error: code, error_description: message }, status);
    }
  };
}

/** The parameters of one request, each with a value. */
export type OAuthParameters = ReadonlyMap<string, string>;

/** Reads parameters as RFC 6749 §3.1 has it: without a value is absent, and none stands twice. */
export function parseParameters(search: URLSearchParams): OAuthParameters {
  const parameters = new Map(search);
  if (parameters.size < search.size) {
    throw new OAuthErrorResponse("invalid_request", "a parameter is given more than once");
  }
  return new Map([...parameters].filter(([, value]) => value !== ""));
}

/** The parameters of a form (RFC 6749 §3.2 and appendix B). */
export async function readForm(request: HonoRequest): Promise<OAuthParameters> {
  const type = request.header("Content-Type") ?? "";
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(type)) {
    throw new OAuthErrorResponse(
      "invalid_request",
      "the body must be application/x-www-form-urlencoded",
    );
  }
  return parseParameters(new URLSearchParams(await request.text()));
}

/** The value of a parameter that must be there. */
export function requiredParameter(parameters: OAuthParameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new OAuthErrorResponse("invalid_request", `${name} is missing`);
  return value;
}

/** The scope asked for, else all that may be asked for (RFC 6749 §3.3). */
export function requestedScope(
  parameters: OAuthParameters,
  allowed: readonly string[],
): readonly string[] {
  const scope = parameters.get("scope")?.split(" ");
  if (!scope) return allowed;
  if (scope.some((each) => !allowed.includes(each))) {
    throw new OAuthErrorResponse("invalid_scope", "more is asked for than this client may have");
  }
  return [...new Set(scope)];
}
