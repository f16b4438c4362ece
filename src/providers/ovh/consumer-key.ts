import * as v from "valibot";
import { raceAbort } from "../../core/async.ts";
import type { Credential } from "../../core/credential.ts";
import type { LoginRequest, LoginResult } from "../../core/login-method.ts";
import { Secret } from "../../core/secret.ts";
import { InterruptedError, UnauthenticatedError } from "../../errors.ts";
import { createHttpClient } from "../../http/client.ts";
import { PageUrl, SecretText } from "../../http/schema.ts";
import { openSignedClient } from "./signed-client.ts";

/** How long the person is waited for, and how often it is asked whether they have answered. */
const patience = 300_000;
const pause = 2000;

const Requested = v.object({ validationUrl: PageUrl, consumerKey: SecretText });
const Current = v.object({ status: v.string() });

/** What a new consumer key is asked for: these methods below the project's AI paths, and no more. */
const accessRules = (methods: readonly string[], project: string) =>
  methods.map((method) => ({ method, path: `/cloud/project/${project}/ai/*` }));

/**
 * Asks for a consumer key and waits until the person has allowed it in a browser. A key that nobody
 * allowed is given back.
 * @throws UnauthenticatedError if it is refused or nobody answers; InterruptedError on ^C.
 */
export async function requestConsumerKey(
  request: LoginRequest,
  keys: { readonly applicationKey: string; readonly applicationSecret: Secret },
  methods: readonly string[],
): Promise<LoginResult> {
  const { url, transport, projectRefs, say, browser } = request;
  const { project = "" } = projectRefs;
  if (!url) throw new Error("the address of the API is asked for");
  const unsigned = createHttpClient({
    baseUrl: url,
    transport,
    headers: () => ({ "x-ovh-application": keys.applicationKey }),
  });
  const { validationUrl, consumerKey } = await unsigned.request(
    "POST /auth/credential",
    Requested,
    {
      json: { accessRules: accessRules(methods, encodeURIComponent(project)) },
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
      `${opened ? "Your browser opens" : "Open"} the page on which you allow this:`,
      `  ${validationUrl}`,
      `It asks for ${methods.join(", ")} on the AI paths of project ${project} alone.`,
      "Waiting for up to 5 minutes; ^C stops.",
    ]);
    await validated(request, () =>
      session(transport.interrupt).request("GET /auth/currentCredential", Current),
    );
    return { credential };
  } catch (error) {
    await session(new AbortController().signal)
      .request("POST /auth/logout", v.any())
      .catch(() => {});
    throw error;
  }
}

async function validated(
  { transport: { now, sleep, interrupt } }: LoginRequest,
  read: () => Promise<{ readonly status: string }>,
): Promise<void> {
  const stopped = () => new InterruptedError("Nobody is signed in: stopped.", interrupt);
  const end = now().getTime() + patience;
  while (now().getTime() < end) {
    const { status } = await read();
    if (status === "validated") return;
    if (status !== "pendingValidation")
      throw new UnauthenticatedError(`The consumer key was not allowed: it is ${status}.`, {
        hint: "Try again, or choose another --method.",
      });
    await raceAbort(sleep(pause), interrupt, stopped);
  }
  throw new UnauthenticatedError("Nobody allowed the consumer key within 5 minutes.", {
    hint: "Try again.",
  });
}
