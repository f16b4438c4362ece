import * as v from "valibot";
import { raceAbort } from "../../core/async.ts";
import type { Credential } from "../../core/credential.ts";
import type { LoginRequest, LoginResult } from "../../core/login-method.ts";
import { Secret } from "../../core/secret.ts";
import { InterruptedError, UnauthenticatedError } from "../../errors.ts";
import { createHttpClient } from "../../http/client.ts";
import { PageUrl, SecretText } from "../../http/schema.ts";
import { openSignedClient } from "./signed-client.ts";

/** Milliseconds to wait for the confirmation, and between polls. */
const [confirmationTimeoutMs, pollIntervalMs] = [300_000, 2000];

const CredentialResponse = v.object({ validationUrl: PageUrl, consumerKey: SecretText });
const CurrentCredential = v.object({ status: v.string() });

/** Returns the minimal access rules: the methods on the AI paths of one project. */
const accessRules = (methods: readonly string[], project: string) =>
  methods.map((method) => ({ method, path: `/cloud/project/${project}/ai/*` }));

/**
 * Requests a consumer key and waits until the user has confirmed it in a browser. A key that was not
 * confirmed is revoked.
 * @throws UnauthenticatedError if it is denied or the wait times out; InterruptedError on ^C.
 * @see https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/
 */
export async function requestConsumerKey(
  request: LoginRequest,
  keys: { readonly applicationKey: string; readonly applicationSecret: Secret },
  methods: readonly string[],
): Promise<LoginResult> {
  const { url, transport, projectRefs, say, browser } = request;
  const { project = "" } = projectRefs;
  if (!url) throw new Error("the base URL is required");
  const unsigned = createHttpClient({
    baseUrl: url,
    transport,
    headers: () => ({ "x-ovh-application": keys.applicationKey }),
  });
  const { validationUrl, consumerKey } = await unsigned.request(
    "POST /auth/credential",
    CredentialResponse,
    {
      json: { accessRules: accessRules(methods, encodeURIComponent(project)) },
      effect: { kind: "repeatable" },
    },
  );
  const credential: Credential = {
    kind: "application",
    ...keys,
    consumerKey: new Secret(consumerKey),
  };
  const session = (interrupt: AbortSignal) =>
    openSignedClient({
      url,
      credential,
      transport: { ...transport, interrupt },
      replaceCredential: async (renew) => renew(credential),
    });
  try {
    const opened = await browser.open(validationUrl);
    await say([
      opened
        ? "Confirm the consumer key on the page in your browser. If no page opens, open this URL:"
        : "Open this URL in a browser and confirm the consumer key:",
      `  ${validationUrl}`,
      `The key allows ${methods.join(", ")} on the AI paths of project ${project} only.`,
      "Waiting for up to 5 minutes. Press Ctrl+C to cancel.",
    ]);
    await waitForConfirmation(request, () =>
      session(transport.interrupt).request("GET /auth/currentCredential", CurrentCredential),
    );
    return { credential };
  } catch (error) {
    await session(new AbortController().signal)
      .request("POST /auth/logout", v.any(), { effect: { kind: "repeatable" } })
      .catch(() => {});
    throw error;
  }
}

async function waitForConfirmation(
  { transport: { now, sleep, interrupt } }: LoginRequest,
  read: () => Promise<{ readonly status: string }>,
): Promise<void> {
  const stopped = () => new InterruptedError("Sign-in was interrupted.", interrupt);
  const end = now().getTime() + confirmationTimeoutMs;
  while (now().getTime() < end) {
    const { status } = await read();
    if (status === "validated") return;
    if (status !== "pendingValidation")
      throw new UnauthenticatedError(
        `The consumer key was not confirmed: its status is ${status}.`,
        {
          hint: "Sign in again, or choose another --method.",
        },
      );
    await raceAbort(sleep(pollIntervalMs), interrupt, stopped);
  }
  throw new UnauthenticatedError(
    "Sign-in timed out: the consumer key was not confirmed within 5 minutes.",
    {
      hint: "Sign in again with tokctl login.",
    },
  );
}
