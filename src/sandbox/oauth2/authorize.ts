import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { SandboxRuntime } from "../api.ts";
import { answerMessage, answerPage } from "../pages.ts";
import { ExpiringSecrets } from "../store.ts";
import {
  findUser,
  type RegisteredClient,
  type RegisteredClients,
  requireGrant,
} from "./clients.ts";
import { Forms, type SignInForm, signInForm } from "./forms.ts";
import {
  OAuthErrorResponse,
  type OAuthParameters,
  parseParameters,
  requestedScope,
  requiredParameter,
} from "./parameters.ts";
import type { Grant } from "./tokens.ts";

/**
 * Returns the page on which a user signs in for an application.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-3.1
 */
export function authorizePages(
  runtime: SandboxRuntime,
  clients: RegisteredClients,
  codes: AuthorizationCodes,
): Hono {
  const forms = new Forms<AuthorizationRequest>(runtime);
  const routes = new Hono();

  routes.get("/authorize", (c) => {
    const query = new URL(c.req.url).searchParams;
    const address = parseRedirectTarget(query, clients);
    if (typeof address === "string") return answerMessage(c, "Cannot sign in", address, 400);
    try {
      const request = parseAuthorizationRequest(query, address);
      return answerForm(c, request, { formToken: forms.open(request) });
    } catch (error) {
      if (!(error instanceof OAuthErrorResponse)) throw error;
      const { code, message } = error;
      return redirect(c, redirectUrl(address, { error: code, error_description: message }));
    }
  });

  routes.post("/authorize", async (c) => {
    const form = await forms.read(c.req);
    if (!form)
      return answerMessage(c, "Form expired", "Start the sign-in again in your application.", 400);
    const { token, subject: request, fields } = form;
    if (fields.get("decision") === "deny") {
      forms.close(token);
      const response = { error: "access_denied", error_description: "the user denied access" };
      return redirect(c, redirectUrl(request, response));
    }
    const { client, scope, nonce, redirectUri, challenge } = request;
    const username = fields.get("username");
    const user = findUser(client, username ?? "", fields.get("password") ?? "");
    if (!user) {
      const problem = "The user name or password is incorrect.";
      return answerForm(c, request, { formToken: token, username, problem });
    }
    forms.close(token);
    const signedInAt = runtime.now().getTime();
    const grant = { client, subject: user.name, scope, nonce, signedInAt };
    return redirect(
      c,
      redirectUrl(request, { code: codes.issue({ grant, redirectUri, challenge }) }),
    );
  });

  return routes;
}

/** Client and redirect URI of an authorization request. */
interface RedirectTarget {
  readonly client: RegisteredClient;
  readonly redirectUri: string;
  readonly state: string | null;
}

/**
 * A valid authorization request.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.3
 */
interface AuthorizationRequest extends RedirectTarget {
  readonly scope: readonly string[];
  readonly challenge: string;
  readonly nonce: string | undefined;
}

/**
 * Parses client and redirect URI. Returns an error message for the user if one is invalid, since
 * the error must not be sent to an unverified redirect URI.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
 */
function parseRedirectTarget(
  query: URLSearchParams,
  clients: RegisteredClients,
): RedirectTarget | string {
  const [clientId, ...otherIds] = query.getAll("client_id");
  const client = clients.get(clientId ?? "");
  if (!client || otherIds.length > 0)
    return "The application that opened this page is not registered (invalid client_id).";
  const [redirectUri = "", ...otherUris] = query.getAll("redirect_uri");
  if (!isLoopbackRedirect(redirectUri) || otherUris.length > 0)
    return "The application that opened this page sent an invalid redirect_uri.";
  return { client, redirectUri, state: query.get("state") };
}

/** Parses the other parameters. @throws OAuthErrorResponse for the client */
function parseAuthorizationRequest(
  query: URLSearchParams,
  address: RedirectTarget,
): AuthorizationRequest {
  const parameters = parseParameters(query);
  if (requiredParameter(parameters, "response_type") !== "code")
    throw new OAuthErrorResponse("unsupported_response_type", "response_type must be code");
  requireGrant(address.client, "authorization_code");
  const challenge = requiredParameter(parameters, "code_challenge");
  if (parameters.get("code_challenge_method") !== "S256")
    throw new OAuthErrorResponse("invalid_request", "code_challenge_method must be S256");
  if (!/^[\w-]{43}$/.test(challenge))
    throw new OAuthErrorResponse("invalid_request", "code_challenge is not a SHA-256 in base64url");
  const scope = requestedScope(parameters, address.client.scopes);
  return { ...address, scope, challenge, nonce: parameters.get("nonce") };
}

/** Returns the redirect URI with the parameters of the response and the state of the request. */
function redirectUrl(
  { redirectUri, state }: RedirectTarget,
  response: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(response)) url.searchParams.append(name, value);
  if (state !== null) url.searchParams.append("state", state);
  return url.href;
}

/**
 * Returns whether a redirect URI is a loopback URL, with any port and path.
 * @see https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 */
function isLoopbackRedirect(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  const isHere = protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname);
  return isHere && username === "" && password === "" && hash === "" && !text.includes("#");
}

function answerForm(
  c: Context,
  { client, scope }: AuthorizationRequest,
  form: Omit<SignInForm, "action">,
) {
  const content = html`<p>The application <strong>${client.id}</strong> requests access to: ${scope.join(", ")}.</p>
${signInForm({ action: "/auth/oauth2/authorize", ...form })}`;
  return answerPage(c, "Sign in", content, form.problem === undefined ? 200 : 403);
}

/**
 * Redirects with 303, so that the browser does not post the password to the client.
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.12
 */
function redirect(c: Context, location: string): Response {
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(location, 303);
}

const codeLifetimeMs = 60_000;

/** A grant, and the values that the client must send to redeem it. */
interface CodeGrant {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** S256 challenge. @see https://www.rfc-editor.org/rfc/rfc7636#section-4.2 */
  readonly challenge: string;
}

/**
 * The authorization codes of one server.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1
 */
export interface AuthorizationCodes {
  issue(codeGrant: CodeGrant): string;
  /**
   * Redeems a code, which becomes invalid even if the request fails.
   * @throws OAuthErrorResponse invalid_grant
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
   * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.6
   */
  redeem(client: RegisteredClient, parameters: OAuthParameters): Grant;
}

/** Returns the authorization codes of a server, initially none. */
export function createAuthorizationCodes(runtime: SandboxRuntime): AuthorizationCodes {
  const codes = new ExpiringSecrets<CodeGrant>(runtime);

  return {
    issue: (codeGrant) => codes.issue(codeGrant, codeLifetimeMs),

    redeem(client, parameters) {
      const code = requiredParameter(parameters, "code");
      const redirectUri = requiredParameter(parameters, "redirect_uri");
      const verifier = requiredParameter(parameters, "code_verifier");
      const issued = codes.get(code);
      codes.delete(code);
      if (issued?.grant.client !== client)
        throw new OAuthErrorResponse("invalid_grant", "the code is not valid for this client");
      if (issued.redirectUri !== redirectUri) {
        throw new OAuthErrorResponse(
          "invalid_grant",
          "redirect_uri does not match the authorization request",
        );
      }
      if (!/^[\w.~-]{43,128}$/.test(verifier) || issued.challenge !== challengeOf(verifier)) {
        throw new OAuthErrorResponse(
          "invalid_grant",
          "code_verifier does not match code_challenge",
        );
      }
      return issued.grant;
    },
  };
}

const challengeOf = (verifier: string) => createHash("sha256").update(verifier).digest("base64url");
