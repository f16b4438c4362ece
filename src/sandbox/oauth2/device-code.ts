import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { SandboxRuntime } from "../api.ts";
import { createSecret, digest } from "../generate.ts";
import { answerMessage, answerPage } from "../pages.ts";
import { findUser, type RegisteredClient, requireGrant } from "./clients.ts";
import { Forms, signInForm } from "./forms.ts";
import {
  OAuthErrorResponse,
  type OAuthParameters,
  requestedScope,
  requiredParameter,
} from "./parameters.ts";
import type { Grant } from "./tokens.ts";

const deviceCodeGrant = "urn:ietf:params:oauth:grant-type:device_code";
const lifetimeSeconds = 600;
const intervalSeconds = 5;
/** A client's timer can fire slightly early, which does not count as polling too fast. */
const toleranceMs = 100;
/** Consonants, which can't spell words. @see https://www.rfc-editor.org/rfc/rfc8628#section-6.1 */
const codeLetters = "BCDFGHJKLMNPQRSTVWXZ";

/** A device that waits for the user's decision. */
interface Device {
  readonly client: RegisteredClient;
  readonly scope: readonly string[];
  readonly userCode: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  intervalSeconds: number;
  /** Milliseconds since the epoch. */
  lastPoll: number;
  /** The user's decision, or undefined before it. */
  decision: "denied" | { readonly subject: string; readonly signedInAt: number } | undefined;
}

/**
 * Device authorization response without the verification URIs.
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.2
 */
interface DeviceAuthorizationResponse {
  readonly device_code: string;
  readonly user_code: string;
  readonly expires_in: number;
  readonly interval: number;
}

/**
 * The device authorization requests of one authorization server.
 * @see https://www.rfc-editor.org/rfc/rfc8628
 */
export interface DeviceAuthorizations {
  start(client: RegisteredClient, parameters: OAuthParameters): DeviceAuthorizationResponse;
  /** Returns the device that waits for a decision about this code. Ignores case and separators. */
  findByUserCode(userCode: string): Device | undefined;
  /**
   * Redeems a device code once, after the user has approved the request.
   * @throws OAuthErrorResponse authorization_pending, slow_down, access_denied, expired_token or
   * invalid_grant
   * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5
   */
  redeem(client: RegisteredClient, parameters: OAuthParameters): Grant;
}

/** Returns the device authorization requests of a server, initially none. */
export function createDeviceAuthorizations({
  now,
  randomBytes,
}: SandboxRuntime): DeviceAuthorizations {
  const devices = new Map<string, Device>();
  const isExpired = ({ expiresAt }: Device) => expiresAt <= now().getTime();

  return {
    start(client, parameters) {
      requireGrant(client, deviceCodeGrant);
      const scope = requestedScope(parameters, client.scopes);
      const deviceCode = createSecret(randomBytes, 32, "base64url");
      const userCode = createUserCode(randomBytes);
      devices.set(digest(deviceCode), {
        client,
        scope,
        userCode,
        expiresAt: now().getTime() + lifetimeSeconds * 1000,
        intervalSeconds: intervalSeconds,
        lastPoll: Number.NEGATIVE_INFINITY,
        decision: undefined,
      });
      return {
        device_code: deviceCode,
        user_code: `${userCode.slice(0, 4)}-${userCode.slice(4)}`,
        expires_in: lifetimeSeconds,
        interval: intervalSeconds,
      };
    },

    findByUserCode(userCode) {
      const letters = userCode.toUpperCase().replace(/[^A-Z]/g, "");
      return [...devices.values()].find(
        (device) => device.userCode === letters && !device.decision && !isExpired(device),
      );
    },

    redeem(client, parameters) {
      const key = digest(requiredParameter(parameters, "device_code"));
      const device = devices.get(key);
      if (device?.client !== client) {
        throw new OAuthErrorResponse(
          "invalid_grant",
          "the device code is not valid for this client",
        );
      }
      if (isExpired(device))
        throw new OAuthErrorResponse("expired_token", "the device code has expired");
      const { decision, scope } = device;
      if (decision === "denied")
        throw new OAuthErrorResponse("access_denied", "the user denied access");
      if (!decision) throw pendingError(device, now().getTime());
      devices.delete(key);
      return { client, scope, ...decision };
    },
  };
}

/**
 * Each poll that is too early permanently increases the interval by 5 seconds.
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5
 */
function pendingError(device: Device, time: number): OAuthErrorResponse {
  const tooFast = time - device.lastPoll < device.intervalSeconds * 1000 - toleranceMs;
  device.lastPoll = time;
  if (!tooFast)
    return new OAuthErrorResponse("authorization_pending", "the user has not decided yet");
  device.intervalSeconds += intervalSeconds;
  return new OAuthErrorResponse(
    "slow_down",
    `wait ${device.intervalSeconds} seconds between polls`,
  );
}

const createUserCode = (randomBytes: SandboxRuntime["randomBytes"]) =>
  Array.from(randomBytes(8), (byte) => codeLetters.charAt(byte % codeLetters.length)).join("");

/** Fields and error message of the device form. */
interface DeviceForm {
  readonly formToken: string;
  readonly userCode?: string | undefined;
  readonly username?: string | undefined;
  readonly problem?: string;
}

/**
 * Returns the page on which a user enters the code of a device, and approves or denies its request.
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.3
 */
export function devicePages(runtime: SandboxRuntime, devices: DeviceAuthorizations): Hono {
  const forms = new Forms<"device">(runtime);
  const routes = new Hono();

  routes.get("/device/approve", (c) =>
    answerForm(c, { formToken: forms.open("device"), userCode: c.req.query("user_code") }),
  );

  routes.post("/device/approve", async (c) => {
    const form = await forms.read(c.req);
    if (!form)
      return answerMessage(c, "Form expired", "Open the URL that your device shows again.", 400);
    const { token, fields } = form;
    const outcome = decide(devices, fields, runtime.now().getTime());
    if (typeof outcome === "string") {
      const [userCode, username] = [fields.get("user_code"), fields.get("username")];
      return answerForm(c, { formToken: token, userCode, username, problem: outcome });
    }
    forms.close(token);
    return outcome.approved
      ? answerMessage(c, "Approved", "Your device now has access. You can close this page.")
      : answerMessage(c, "Denied", "Your device does not have access. You can close this page.");
  });

  return routes;
}

/** Records the user's decision, or returns an error message for the user. */
function decide(
  devices: DeviceAuthorizations,
  form: OAuthParameters,
  signedInAt: number,
): { readonly approved: boolean } | string {
  const device = devices.findByUserCode(form.get("user_code") ?? "");
  if (!device) return "This code is incorrect or has expired.";
  if (form.get("decision") === "deny") {
    device.decision = "denied";
    return { approved: false };
  }
  const user = findUser(device.client, form.get("username") ?? "", form.get("password") ?? "");
  if (!user) return "The user name or password is incorrect.";
  device.decision = { subject: user.name, signedInAt };
  return { approved: true };
}

function answerForm(c: Context, { userCode, problem, ...rest }: DeviceForm) {
  const fields = html`<p>
<label for="user_code">Code</label>
<input id="user_code" name="user_code" value="${userCode ?? ""}" autocomplete="off" autocapitalize="characters" spellcheck="false" required>
</p>`;
  const form = signInForm({ action: "/auth/oauth2/device/approve", fields, problem, ...rest });
  const advice = html`<p>Approve a code only if your device is showing it now.</p>`;
  const content = html`${advice}
${form}`;
  return answerPage(c, "Connect a device", content, problem === undefined ? 200 : 403);
}
