import type { LoginBrowser } from "../../core/login-method.ts";
import { type CliError, UnauthenticatedError } from "../../errors.ts";

/** A listener on this machine for the redirect of the authorization server. */
export interface RedirectListener {
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
export async function listenForRedirect(
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
