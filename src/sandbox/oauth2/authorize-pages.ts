import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Surroundings } from "../api.ts";
import { answerMessage, answerPage } from "../pages.ts";
import {
  type AuthorizationRequest,
  answerTo,
  parseAuthorizationRequest,
  parseReturnAddress,
} from "./authorization-request.ts";
import { type Clients, signIn } from "./clients.ts";
import type { Codes } from "./codes.ts";
import { OAuthError } from "./errors.ts";
import { Forms } from "./forms.ts";
import { type SignInForm, signInForm } from "./sign-in-form.ts";

/** Where a user signs in for an application in a browser (RFC 6749 §3.1 and §4.1). */
export function authorizePages(surroundings: Surroundings, clients: Clients, codes: Codes): Hono {
  const forms = new Forms<AuthorizationRequest>(surroundings);
  const routes = new Hono();

  routes.get("/authorize", (c) => {
    const query = new URL(c.req.url).searchParams;
    const address = parseReturnAddress(query, clients);
    if (typeof address === "string") return answerMessage(c, "Cannot sign in", address, 400);
    try {
      const request = parseAuthorizationRequest(query, address);
      return answerForm(c, request, { formToken: forms.open(request) });
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      const { code, message } = error;
      return redirect(c, answerTo(address, { error: code, error_description: message }));
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
      return redirect(c, answerTo(request, answer));
    }
    const { client, scope, nonce, redirectUri, challenge } = request;
    const username = fields.get("username");
    const user = signIn(client, username ?? "", fields.get("password") ?? "");
    if (!user) {
      const problem = "The user name or the password is wrong.";
      return answerForm(c, request, { formToken: token, username, problem });
    }
    forms.close(token);
    const signedInAt = surroundings.now().getTime();
    const grant = { client, subject: user.name, scope, nonce, signedInAt };
    return redirect(c, answerTo(request, { code: codes.issue({ grant, redirectUri, challenge }) }));
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
