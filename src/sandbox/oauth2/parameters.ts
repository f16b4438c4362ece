import type { Context, Handler, HonoRequest } from "hono";

/**
 * Error codes of OAuth 2.0.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5
 */
type OAuthErrorCode =
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

/**
 * An error with an OAuth error code. The description never contains values of the request, which
 * may be secrets.
 */
export class OAuthErrorResponse extends Error {
  readonly code: OAuthErrorCode;

  constructor(code: OAuthErrorCode, description: string) {
    super(description);
    this.name = "OAuthError";
    this.code = code;
  }
}

/**
 * Returns a handler that responds in JSON without caching. Errors have status 400, or 401 if the
 * client authentication fails; a client that used the Authorization header gets a challenge.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2
 */
export function oauthEndpoint(respond: (c: Context) => Promise<object>): Handler {
  return async (c) => {
    c.header("Cache-Control", "no-store");
    c.header("Pragma", "no-cache");
    try {
      return c.json(await respond(c));
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

/** Parameters of a request. Values are not empty. */
export type OAuthParameters = ReadonlyMap<string, string>;

/**
 * Parses parameters. An empty parameter counts as absent, and a repeated one is an error.
 * @throws OAuthErrorResponse invalid_request
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.1
 */
export function parseParameters(search: URLSearchParams): OAuthParameters {
  const parameters = new Map(search);
  if (parameters.size < search.size)
    throw new OAuthErrorResponse("invalid_request", "a parameter is given more than once");
  return new Map([...parameters].filter(([, value]) => value !== ""));
}

/**
 * Parses the parameters in a form-encoded body.
 * @throws OAuthErrorResponse invalid_request
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.2
 */
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

/** Returns the value of a parameter. @throws OAuthErrorResponse invalid_request if it is missing */
export function requiredParameter(parameters: OAuthParameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new OAuthErrorResponse("invalid_request", `${name} is missing`);
  return value;
}

/**
 * Returns the requested scope, or all allowed scopes if the request has none.
 * @throws OAuthErrorResponse invalid_scope
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3
 */
export function requestedScope(
  parameters: OAuthParameters,
  allowed: readonly string[],
): readonly string[] {
  const scope = parameters.get("scope")?.split(" ");
  if (!scope) return allowed;
  if (scope.some((each) => !allowed.includes(each)))
    throw new OAuthErrorResponse("invalid_scope", "the scope exceeds the allowed scopes");
  return [...new Set(scope)];
}
