import * as v from "valibot";
import { raceAbort } from "../../core/async.ts";
import type { Transport } from "../../core/connection.ts";
import type { Credential, OAuthCredential } from "../../core/credential.ts";
import type { LoginRequest, LoginResult, PlatformLogin } from "../../core/login-method.ts";
import { Secret } from "../../core/secret.ts";
import { InterruptedError, UnauthenticatedError, UsageError } from "../../errors.ts";
import { createHttpClient } from "../../http/client.ts";
import { refreshCredential } from "../../http/oauth.ts";
import { PageUrl, SecretText } from "../../http/schema.ts";
import {
  confPaths,
  endpoints,
  readOvhVariables,
  type ServiceAccount,
  toOvhCredential,
  toServiceAccountCredential,
} from "./endpoints.ts";
import { openSignedClient } from "./signed-client.ts";

/**
 * Finds the credential that OVHcloud's own tools use. Searches `OVH_*`, then each `ovh.conf`, and
 * returns the first credential for `url`, or the first one if `url` is undefined.
 * @throws UsageError if no credential was found.
 */
export async function findOvhLogin({
  url,
  env,
  readText,
}: Pick<LoginRequest, "url" | "env" | "readText">): Promise<LoginResult> {
  const fits = (found: URL) => url === undefined || url.href === found.href;
  const variables = readOvhVariables(env);
  if (variables && fits(variables.url)) return { ...variables, found: "OVH_*" };
  const paths = confPaths(env);
  for (const path of paths) {
    const text = await readText(path);
    if (text === undefined) continue;
    const login = parseOvhConf(text).find((each) => fits(each.url));
    if (login) return { url: login.url, credential: login.credential, found: path };
  }
  throw new UsageError(
    `No credential${url ? ` for ${url.href}` : ""} was found in OVH_* or in ${paths.join(", ")}.`,
    { hint: "Set one there, or choose another sign-in method with --method." },
  );
}

/** Parses an `ovh.conf`: one login per endpoint with a complete credential, the default endpoint first. */
export function parseOvhConf(text: string): readonly PlatformLogin[] {
  const sections = parseIni(text);
  const defaultEndpoint = sections.get("default")?.get("endpoint");
  const names = Object.keys(endpoints).sort(
    (a, b) => Number(b === defaultEndpoint) - Number(a === defaultEndpoint),
  );
  return names.flatMap((name) => {
    const section = sections.get(name);
    const endpoint = endpoints[name];
    if (endpoint === undefined) return [];
    const url = new URL(endpoint);
    const credential = toOvhCredential(url, {
      applicationKey: section?.get("application_key"),
      applicationSecret: section?.get("application_secret"),
      consumerKey: section?.get("consumer_key"),
      clientId: section?.get("client_id"),
      clientSecret: section?.get("client_secret"),
      accessToken: section?.get("access_token"),
    });
    return credential ? [{ name, url, credential }] : [];
  });
}

/** Parses sections of `key=value` in the format of Python's configparser. */
function parseIni(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/).map((line) => line.trim())) {
    const [, name] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, key, value] = /^([^#;=:][^=:]*)[=:](.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
    } else if (key !== undefined && value !== undefined)
      section?.set(key.trim().toLowerCase(), value.trim());
  }
  return sections;
}

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
      action: "request a consumer key",
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
      session(transport.interrupt).request("GET /auth/currentCredential", CurrentCredential, {
        action: "read the status of the consumer key",
      }),
    );
    return { credential };
  } catch (error) {
    await session(new AbortController().signal)
      .request("POST /auth/logout", v.any(), {
        action: "revoke the consumer key",
        effect: { kind: "repeatable" },
      })
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

/**
 * Signs in a service account: the client credentials grant (RFC 6749 §4.4).
 * @throws OAuthError if it is rejected; UsageError if the token endpoint is unknown.
 * @see https://support.us.ovhcloud.com/hc/en-us/articles/19901571606547-Using-Service-Accounts-to-Connect-to-OVHcloud-APIs
 */
export async function signInServiceAccount(
  transport: Transport,
  url: URL,
  account: ServiceAccount,
): Promise<OAuthCredential> {
  const credential = toServiceAccountCredential(url, account);
  if (!credential)
    throw new UsageError(`The token endpoint of ${url.href} is unknown.`, {
      hint: "Set it with --oauth-url URL.",
    });
  return refreshCredential(transport, credential);
}
