import { createHash } from "node:crypto";
import * as v from "valibot";
import { raceAbort } from "../../core/async.ts";
import {
  type LoginField,
  type LoginRequest,
  type LoginResult,
  secretAnswer,
  textAnswer,
} from "../../core/login-method.ts";
import { clamp } from "../../core/time.ts";
import { CliError, InterruptedError, UnauthenticatedError, UsageError } from "../../errors.ts";
import { createHttpClient } from "../../http/client.ts";
import {
  claimsOf,
  OAuthError,
  postForm,
  requestTokens,
  type TokenReply,
  toOAuthCredential,
} from "../../http/oauth.ts";
import { PageUrl } from "../../http/schema.ts";
import { parseBaseUrl } from "../../http/url.ts";
import { identityProvider } from "./session.ts";
import { title } from "./wire.ts";

const scope = "openid offline_access profile";
/** How long a browser is waited for. */
const patience = 300_000;
/** Seconds between two polls unless the server says otherwise, and what `slow_down` adds (RFC 8628 §3.5). */
const interval = 5;
/** Limits of what a server may say, in seconds: of the time between polls, and of the whole sign-in. */
const [shortestInterval, longestInterval, longestSignIn] = [1, 300, 86_400];

const Endpoint = v.nullish(v.string());
/** What a service says of where people sign in; in developer mode, nothing. */
const LoginInfo = v.object({
  device_endpoint: Endpoint,
  device_client_id: Endpoint,
  browser_endpoint: Endpoint,
  browser_client_id: Endpoint,
  token_endpoint: Endpoint,
});
type LoginInfo = v.InferOutput<typeof LoginInfo>;

/** The reply of RFC 8628 §3.2; times in seconds. */
const DeviceReply = v.object({
  device_code: v.string(),
  user_code: v.string(),
  verification_uri: PageUrl,
  expires_in: v.number(),
  interval: v.nullish(v.number()),
});

/** By user name and password (RFC 6749 §4.3). */
export async function signInByPassword(
  request: LoginRequest,
  { username, password }: Readonly<Record<"username" | "password", LoginField>>,
): Promise<LoginResult> {
  const info = await readLoginInfo(request);
  const client = clientOf(info, "device_client_id");
  const reply = await requestTokens(request.transport, client, {
    grant_type: "password",
    username: textAnswer(request.answers, username),
    password: secretAnswer(request.answers, password).reveal(),
    scope,
  });
  return toLogin(request, client, reply);
}

/** By a code that the person enters on another device (RFC 8628). */
export async function signInByDevice(request: LoginRequest): Promise<LoginResult> {
  const { transport, say } = request;
  const info = await readLoginInfo(request);
  const client = clientOf(info, "device_client_id");
  const device = await postForm(transport, endpointOf(info, "device_endpoint"), DeviceReply, {
    client_id: client.clientId,
    scope,
  });
  await say([
    `Open ${device.verification_uri} in a browser, on any device, and enter the code:`,
    `  ${device.user_code}`,
    "Waiting for your approval; ^C stops.",
  ]);
  const end = transport.now().getTime() + clamp(device.expires_in, 0, longestSignIn) * 1000;
  let pause = clamp(device.interval ?? interval, shortestInterval, longestInterval);
  while (transport.now().getTime() + pause * 1000 < end) {
    await raceAbort(transport.sleep(pause * 1000), transport.interrupt, stopped(request));
    try {
      const reply = await requestTokens(transport, client, {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: device.device_code,
      });
      return toLogin(request, client, reply);
    } catch (error) {
      pause += slowdownAfter(error);
    }
  }
  throw expired();
}

/** How many seconds more to leave between polls. @throws what ends the waiting. */
function slowdownAfter(error: unknown): number {
  if (!(error instanceof OAuthError)) {
    // §3.5: after a timeout the polls are to be fewer.
    if (error instanceof CliError && error.code === "network") return interval;
    throw error;
  }
  if (error.error === "authorization_pending") return 0;
  if (error.error === "slow_down") return interval;
  if (error.error === "expired_token") throw expired();
  throw error.error === "access_denied" ? denied() : error;
}

/** In the browser on this machine, with PKCE (RFC 7636) and a listener on loopback (RFC 8252 §7.3). */
export async function signInByBrowser(request: LoginRequest): Promise<LoginResult> {
  const { transport, say, browser } = request;
  const info = await readLoginInfo(request);
  const client = clientOf(info, "browser_client_id");
  const page = new URL(endpointOf(info, "browser_endpoint"));
  const random = () => Buffer.from(browser.randomBytes(32)).toString("base64url");
  const [verifier, state, nonce] = [random(), random(), random()];
  const { answered, settle } = createAnswer(state);
  const { port, close } = await browser.serveLoopback(settle);
  try {
    const redirectUri = `http://localhost:${port}`;
    for (const [name, value] of Object.entries({
      response_type: "code",
      client_id: client.clientId,
      redirect_uri: redirectUri,
      scope,
      state,
      nonce,
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    }))
      page.searchParams.set(name, value);
    const opened = await browser.open(page.href);
    await say([
      opened
        ? "Sign in on the page that your browser opens. If none does, it is:"
        : "Sign in on this page, in a browser on this machine:",
      `  ${page.href}`,
      "Waiting for up to 5 minutes; ^C stops.",
    ]);
    const inTime = raceAbort(answered, transport.deadline(patience), expired);
    const code = await raceAbort(inTime, transport.interrupt, stopped(request));
    const reply = await requestTokens(transport, client, {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    // OpenID Connect Core §3.1.3.7: the token came from its endpoint, over TLS; the nonce ties it to us.
    if (reply.id_token && claimsOf(reply.id_token)["nonce"] !== nonce)
      throw new CliError(
        "server_error",
        "The sign-in that came back is not the one that was begun.",
        {
          hint: "Nothing was kept. Try again.",
        },
      );
    return toLogin(request, client, reply);
  } finally {
    close();
  }
}

/** What the browser brings back: once, and only with our `state` (RFC 6749 §4.1.2, §10.12). */
function createAnswer(state: string) {
  let resolve: (code: string) => void = () => {};
  let reject: (error: CliError) => void = () => {};
  const promise = new Promise<string>((...settlers) => {
    [resolve, reject] = settlers;
  });
  // It may be refused after somebody stopped waiting.
  promise.catch(() => {});
  const settle = ({ searchParams: answer }: URL) => {
    if (answer.get("state") !== state)
      return { status: 400, html: pageOf("This is not the sign-in that tokctl waits for.") };
    const [code, error] = [answer.get("code"), answer.get("error")];
    if (code) resolve(code);
    else if (error === "access_denied") reject(denied());
    else
      reject(
        new UnauthenticatedError(
          `The sign-in failed: ${answer.get("error_description") ?? error ?? "no reason was given"}.`,
          { hint: "Try again, or choose another --method." },
        ),
      );
    return {
      status: 200,
      html: pageOf(
        code
          ? "You are signed in. You can close this page."
          : "You are not signed in. You can close this page.",
      ),
    };
  };
  return { answered: promise, settle };
}

const pageOf = (sentence: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>tokctl</title><p role="status">${sentence}</p></html>`;

const readLoginInfo = ({ url, transport }: LoginRequest): Promise<LoginInfo> => {
  if (!url) throw new Error("the address of a service is asked for");
  const http = createHttpClient({ baseUrl: url, transport, headers: () => ({}) });
  return http.request("GET /api/auth/login", LoginInfo);
};

type ClientId = "device_client_id" | "browser_client_id";

const clientOf = (info: LoginInfo, id: ClientId) => ({
  tokenUrl: endpointOf(info, "token_endpoint"),
  clientId: said(info, id),
});

/** An address that the service names: like every other, https or on this machine. */
const endpointOf = (info: LoginInfo, key: keyof LoginInfo): string =>
  parseBaseUrl(said(info, key), `The service's ${key}`).href;

function said(info: LoginInfo, key: keyof LoginInfo): string {
  const value = info[key];
  if (!value)
    throw new UsageError(`This service of ${title} names no ${key} to sign in by.`, {
      hint: "Sign in with an access token (--app-token-file) or, in developer mode, --user-header USER.",
    });
  return value;
}

const toLogin = (
  { transport }: LoginRequest,
  client: ReturnType<typeof clientOf>,
  reply: TokenReply,
): LoginResult => ({
  credential: toOAuthCredential(
    { ...client, grant: "refresh_token" },
    reply,
    transport.now(),
    identityProvider,
  ),
});

const stopped =
  ({ transport: { interrupt } }: LoginRequest) =>
  () =>
    new InterruptedError("Nobody is signed in: stopped.", interrupt);

const expired = () =>
  new UnauthenticatedError("Nobody signed in within the time there was.", { hint: "Try again." });

const denied = () =>
  new UnauthenticatedError("The sign-in was denied.", {
    hint: "Whoever answered the page refused it. Try again, or choose another --method.",
  });
