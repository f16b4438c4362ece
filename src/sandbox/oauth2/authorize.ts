import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { SandboxRuntime } from "../api.ts";
import { answerMessage, answerPage } from "../pages.ts";
import {
  findUser,
  type RegisteredClient,
  type RegisteredClients,
  requireGrant,
} from "./clients.ts";
import type { AuthorizationCodes } from "./codes.ts";
import { Forms, type SignInForm, signInForm } from "./forms.ts";
import {
  OAuthErrorResponse,
  parseParameters,
  requestedScope,
  requiredParameter,
} from "./parameters.ts";

/** Where the answer to an authorization request goes, whatever it is. */
export interface RedirectTarget {
  readonly client: RegisteredClient;
  readonly redirectUri: string;
  readonly state: string | null;
}

/** An authorization request that can be granted (RFC 6749 §4.1.1, RFC 7636 §4.3). */
export interface AuthorizationRequest extends RedirectTarget {
  readonly scope: readonly string[];
  readonly challenge: string;
  readonly nonce: string | undefined;
}

/**
 * Who asks, and where the browser may be sent back to. As long as that is not certain the user
 * hears what is wrong, not the client (RFC 6749 §4.1.2.1).
 */
export function parseRedirectTarget(
  query: URLSearchParams,
  clients: RegisteredClients,
): RedirectTarget | string {
  const [clientId, ...otherIds] = query.getAll("client_id");
  const client = clients.get(clientId ?? "");
  if (!client || otherIds.length > 0) return "The application that sent you here is not known.";
  const [redirectUri = "", ...otherUris] = query.getAll("redirect_uri");
  if (!isLoopbackRedirect(redirectUri) || otherUris.length > 0) {
    return "The application that sent you here wants the answer sent to a place it may not go.";
  }
  return { client, redirectUri, state: query.get("state") };
}

/** Reads the rest of the request; what it refuses is the client's to hear. */
export function parseAuthorizationRequest(
  query: URLSearchParams,
  address: RedirectTarget,
): AuthorizationRequest {
  const parameters = parseParameters(query);
  if (requiredParameter(parameters, "response_type") !== "code") {
    throw new OAuthErrorResponse("unsupported_response_type", "response_type must be code");
  }
  requireGrant(address.client, "authorization_code");
  const challenge = requiredParameter(parameters, "code_challenge");
  if (parameters.get("code_challenge_method") !== "S256") {
    throw new OAuthErrorResponse("invalid_request", "code_challenge_method must be S256");
  }
  if (!/^[\w-]{43}$/.test(challenge)) {
    throw new OAuthErrorResponse("invalid_request", "code_challenge is not a SHA-256 in base64url");
  }
  const scope = requestedScope(parameters, address.client.scopes);
  return { ...address, scope, challenge, nonce: parameters.get("nonce") };
}

/** The redirect back to the client, with the state it sent. */
export function redirectUrl(
  { redirectUri, state }: RedirectTarget,
  answer: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.append(name, value);
  if (state !== null) url.searchParams.append("state", state);
  return url.href;
}

/** A native app's listener: any port, any path, on this machine (RFC 8252 §7.3 and §8.3). */
function isLoopbackRedirect(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  const isHere = protocol === "http:" && ["localhost", "127.0.0.1"].includes(hostname);
  return isHere && username === "" && password === "" && hash === "" && !text.includes("#");
}

/** Where a user signs in for an application in a browser (RFC 6749 §3.1 and §4.1). */
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
    if (!form) {
      return answerMessage(c, "Form expired", "Start once more from your application.", 400);
    }
    const { token, subject: request, fields } = form;
    if (fields.get("decision") === "deny") {
      forms.close(token);
      const answer = { error: "access_denied", error_description: "the user denied access" };
      return redirect(c, redirectUrl(request, answer));
    }
    const { client, scope, nonce, redirectUri, challenge } = request;
    const username = fields.get("username");
    const user = findUser(client, username ?? "", fields.get("password") ?? "");
    if (!user) {
      const problem = "The user name or the password is wrong.";
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

function answerForm(
  c: Context,
  { client, scope }: AuthorizationRequest,
  form: Omit<SignInForm, "action">,
) {
  const content = html`<p>The application <strong>${client.id}</strong> asks for: ${scope.join(", ")}.</p>
${signInForm({ action: "/auth/oauth2/authorize", ...form })}`;
  return answerPage(c, "Sign in", content, form.problem === undefined ? 200 : 403);
}

/** 303, so that no browser posts the password on to the client (RFC 9700 §4.12). */
function redirect(c: Context, location: string): Response {
  c.header("Cache-Control", "no-store");
  c.header("Referrer-Policy", "no-referrer");
  return c.redirect(location, 303);
}
