import { createHash } from "node:crypto";
import * as v from "valibot";
import { raceAbort } from "../../core/async.ts";
import {
  type LoginBrowser,
  type LoginField,
  type LoginRequest,
  type LoginResult,
  secretAnswer,
  textAnswer,
} from "../../core/login-method.ts";
import { CliError, InterruptedError, UnauthenticatedError, UsageError } from "../../errors.ts";
import { parseBaseUrl } from "../../http/base-url.ts";
import { createHttpClient } from "../../http/client.ts";
import { authorizeDevice, pollForTokens } from "../../http/device-flow.ts";
import { claimsOf } from "../../http/jwt.ts";
import { requestTokens, type TokenResponse, toOAuthCredential } from "../../http/oauth.ts";
import { osmoOAuthOptions } from "./client.ts";

const scope = "openid offline_access profile";
/** Milliseconds to wait for the sign-in in the browser. */
const browserTimeoutMs = 300_000;

const Endpoint = v.nullish(v.string());
/** The response of `GET /api/auth/login`. In developer mode, every field is null. */
const LoginInfo = v.object({
  device_endpoint: Endpoint,
  device_client_id: Endpoint,
  browser_endpoint: Endpoint,
  browser_client_id: Endpoint,
  token_endpoint: Endpoint,
});
type LoginInfo = v.InferOutput<typeof LoginInfo>;

/** Signs in with user name and password (RFC 6749 §4.3). The password is not stored. */
export async function signInWithPassword(
  request: LoginRequest,
  { username, password }: Readonly<Record<"username" | "password", LoginField>>,
): Promise<LoginResult> {
  const info = await readLoginInfo(request);
  const client = toOAuthClient(info, "device_client_id");
  const response = await requestTokens(request.transport, client, {
    grant_type: "password",
    username: textAnswer(request.answers, username),
    password: secretAnswer(request.answers, password).reveal(),
    scope,
  });
  return toLogin(request, client, response);
}

/** Signs in with a code that the user enters on another device (RFC 8628). */
export async function signInWithDevice(request: LoginRequest): Promise<LoginResult> {
  const { transport, say } = request;
  const info = await readLoginInfo(request);
  const client = toOAuthClient(info, "device_client_id");
  const url = requireEndpoint(info, "device_endpoint");
  const device = await authorizeDevice(transport, url, client, scope);
  await say([
    `Open ${device.verification_uri} in a browser on any device and enter the code:`,
    `  ${device.user_code}`,
    "Waiting for your approval. Press Ctrl+C to cancel.",
  ]);
  const response = await pollForTokens(transport, client, device, {
    interrupted: interrupted(request),
    timedOut: signInTimedOut,
    denied: signInDenied,
  });
  return toLogin(request, client, response);
}

/**
 * Signs in with a browser on this machine: PKCE (RFC 7636) with a loopback redirect (RFC 8252
 * §7.3).
 */
export async function signInWithBrowser(request: LoginRequest): Promise<LoginResult> {
  const { transport, say, browser } = request;
  const info = await readLoginInfo(request);
  const client = toOAuthClient(info, "browser_client_id");
  const page = new URL(requireEndpoint(info, "browser_endpoint"));
  const random = () => Buffer.from(browser.randomBytes(32)).toString("base64url");
  const [verifier, state, nonce] = [random(), random(), random()];
  const { port, code: redirect, close } = await listenForRedirect(browser, state, signInDenied);
  try {
    const redirectUri = `http://localhost:${port}`;
    const parameters = {
      response_type: "code",
      client_id: client.clientId,
      redirect_uri: redirectUri,
      scope,
      state,
      nonce,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    };
    for (const [name, value] of Object.entries(parameters)) page.searchParams.set(name, value);
    const isOpened = await browser.open(page.href);
    await say([
      isOpened
        ? "Sign in on the page in your browser. If no page opens, open this URL:"
        : "Open this URL in a browser on this machine and sign in:",
      `  ${page.href}`,
      "Waiting for up to 5 minutes. Press Ctrl+C to cancel.",
    ]);
    const inTime = raceAbort(redirect, transport.deadline(browserTimeoutMs), signInTimedOut);
    const code = await raceAbort(inTime, transport.interrupt, interrupted(request));
    const response = await requestTokens(transport, client, {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    // The ID token came directly from the token endpoint over TLS, so checking its nonce is
    // sufficient (OpenID Connect Core §3.1.3.7).
    if (response.id_token && claimsOf(response.id_token)["nonce"] !== nonce)
      throw new CliError(
        "server_error",
        "Sign-in failed: the nonce of the ID token does not match the request.",
        { hint: "Nothing was stored. Sign in again with tokctl login." },
      );
    return toLogin(request, client, response);
  } finally {
    close();
  }
}

const readLoginInfo = ({ url, transport }: LoginRequest): Promise<LoginInfo> => {
  if (!url) throw new Error("the base URL is required");
  const http = createHttpClient({ baseUrl: url, transport, headers: () => ({}) });
  return http.request("GET /api/auth/login", LoginInfo, {
    action: "read the sign-in methods of the service",
  });
};

const toOAuthClient = (info: LoginInfo, id: "device_client_id" | "browser_client_id") => ({
  tokenUrl: requireEndpoint(info, "token_endpoint"),
  clientId: requireField(info, id),
});

/** Returns an endpoint of the service. @throws UsageError unless it is https or on this machine. */
const requireEndpoint = (info: LoginInfo, key: keyof LoginInfo): string =>
  parseBaseUrl(requireField(info, key), `The service's ${key}`).href;

function requireField(info: LoginInfo, key: keyof LoginInfo): string {
  const value = info[key];
  if (!value)
    throw new UsageError(
      `This OSMO service has no ${key}: it does not support this sign-in method.`,
      {
        hint: "Sign in with an access token (--app-token-file) or, in developer mode, with --user-header USER.",
      },
    );
  return value;
}

const toLogin = (
  { transport }: LoginRequest,
  client: ReturnType<typeof toOAuthClient>,
  response: TokenResponse,
): LoginResult => ({
  credential: toOAuthCredential(
    { ...client, grant: "refresh_token" },
    response,
    transport.now(),
    osmoOAuthOptions,
  ),
});

const interrupted =
  ({ transport: { interrupt } }: LoginRequest) =>
  () =>
    new InterruptedError("Sign-in was interrupted.", interrupt);

const signInTimedOut = () =>
  new UnauthenticatedError("Sign-in timed out.", { hint: "Sign in again with tokctl login." });

const signInDenied = () =>
  new UnauthenticatedError("Sign-in was denied (access_denied).", {
    hint: "Sign in again, or choose another --method.",
  });

/** A listener on this machine for the redirect of the authorization server. */
interface RedirectListener {
  readonly port: number;
  /** The authorization code. Rejects with UnauthenticatedError if the server redirects with an error. */
  readonly code: Promise<string>;
  close(): void;
}

/**
 * Listens for one redirect with the given `state` (RFC 6749 §4.1.2, §10.12). Requests with another
 * state get 400 and have no effect.
 * @param denied creates the error for `access_denied`.
 */
async function listenForRedirect(
  browser: Pick<LoginBrowser, "serveLoopback">,
  state: string,
  denied: () => CliError,
): Promise<RedirectListener> {
  let resolve: (code: string) => void = () => {};
  let reject: (error: CliError) => void = () => {};
  const promise = new Promise<string>((...settlers) => {
    [resolve, reject] = settlers;
  });
  // It may be rejected after the sign-in has timed out.
  promise.catch(() => {});

  const { port, close } = await browser.serveLoopback(({ searchParams }) => {
    if (searchParams.get("state") !== state)
      return { status: 400, html: page("This is not the sign-in that tokctl started.") };
    const code = searchParams.get("code");
    if (code) {
      resolve(code);
      return { status: 200, html: page("You are signed in. You can close this page.") };
    }
    reject(toRedirectError(searchParams, denied));
    return { status: 200, html: page("You are not signed in. You can close this page.") };
  });
  return { port, code: promise, close };
}

function toRedirectError(parameters: URLSearchParams, denied: () => CliError): CliError {
  const error = parameters.get("error");
  if (error === "access_denied") return denied();
  const reason = parameters.get("error_description") ?? error ?? "the redirect has no code";
  return new UnauthenticatedError(`Sign-in failed: ${reason}.`, {
    hint: "Sign in again, or choose another --method.",
  });
}

const page = (sentence: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>tokctl</title><p role="status">${sentence}</p></html>`;
