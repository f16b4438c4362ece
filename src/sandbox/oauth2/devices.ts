import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { SandboxRuntime } from "../api.ts";
import { answerMessage, answerPage } from "../pages.ts";
import { createSecret, digest } from "../store.ts";
import { findUser, type RegisteredClient, requireGrant } from "./clients.ts";
import { Forms, signInForm } from "./forms.ts";
import {
  OAuthErrorResponse,
  type OAuthParameters,
  requestedScope,
  requiredParameter,
} from "./parameters.ts";
import type { Grant } from "./tokens.ts";

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
const LIFETIME_SECONDS = 600;
const INTERVAL_SECONDS = 5;
/** A timer may fire a little early; that is not polling too fast. */
const TOLERANCE_MS = 100;
/** Letters that are hard to confuse and spell no words (RFC 8628 §6.1). */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";

/** A device that waits for its user. */
export interface Device {
  readonly client: RegisteredClient;
  readonly scope: readonly string[];
  readonly userCode: string;
  readonly expiresAt: number;
  interval: number;
  lastPoll: number;
  /** What the user decided; undefined as long as they have not. */
  decision: "denied" | { readonly subject: string; readonly signedInAt: number } | undefined;
}

/** The reply of RFC 8628 §3.2, but for the addresses. */
export interface DeviceAuthorizationResponse {
  readonly device_code: string;
  readonly user_code: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** The devices that ask one authorization server for access (RFC 8628). */
export interface DeviceAuthorizations {
  start(client: RegisteredClient, parameters: OAuthParameters): DeviceAuthorizationResponse;
  /** The device that waits for a decision about this code, however the user writes it. */
  withUserCode(userCode: string): Device | undefined;
  /** What the user granted, once; until then the refusals of RFC 8628 §3.5. */
  redeem(client: RegisteredClient, parameters: OAuthParameters): Grant;
}

export function createDeviceAuthorizations({
  now,
  randomBytes,
}: SandboxRuntime): DeviceAuthorizations {
  const devices = new Map<string, Device>();
  const isExpired = ({ expiresAt }: Device) => expiresAt <= now().getTime();

  return {
    start(client, parameters) {
      requireGrant(client, DEVICE_CODE);
      const scope = requestedScope(parameters, client.scopes);
      const deviceCode = createSecret(randomBytes, 32, "base64url");
      const userCode = createUserCode(randomBytes);
      devices.set(digest(deviceCode), {
        client,
        scope,
        userCode,
        expiresAt: now().getTime() + LIFETIME_SECONDS * 1000,
        interval: INTERVAL_SECONDS,
        lastPoll: Number.NEGATIVE_INFINITY,
        decision: undefined,
      });
      return {
        device_code: deviceCode,
        user_code: `${userCode.slice(0, 4)}-${userCode.slice(4)}`,
        expires_in: LIFETIME_SECONDS,
        interval: INTERVAL_SECONDS,
      };
    },

    withUserCode(userCode) {
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
      if (!decision) throw keepWaiting(device, now().getTime());
      devices.delete(key);
      return { client, scope, ...decision };
    },
  };
}

/** Each poll that comes too fast makes the interval longer, for good (RFC 8628 §3.5). */
function keepWaiting(device: Device, time: number): OAuthErrorResponse {
  const tooFast = time - device.lastPoll < device.interval * 1000 - TOLERANCE_MS;
  device.lastPoll = time;
  if (!tooFast)
    return new OAuthErrorResponse("authorization_pending", "the user has not decided yet");
  device.interval += INTERVAL_SECONDS;
  return new OAuthErrorResponse("slow_down", `wait ${device.interval} seconds between polls`);
}

const createUserCode = (randomBytes: SandboxRuntime["randomBytes"]) =>
  Array.from(randomBytes(8), (byte) => LETTERS.charAt(byte % LETTERS.length)).join("");

/** What the user typed so far, and what was wrong with it. */
interface Draft {
  readonly formToken: string;
  readonly userCode?: string | undefined;
  readonly username?: string | undefined;
  readonly problem?: string;
}

/** Where a user enters the code their device shows, and decides (RFC 8628 §3.3). */
export function devicePages(runtime: SandboxRuntime, devices: DeviceAuthorizations): Hono {
  const forms = new Forms<"a device">(runtime);
  const routes = new Hono();

  routes.get("/device/approve", (c) =>
    answerForm(c, { formToken: forms.open("a device"), userCode: c.req.query("user_code") }),
  );

  routes.post("/device/approve", async (c) => {
    const form = await forms.read(c.req);
    if (!form) {
      return answerMessage(c, "Form expired", "Open the page your device names once more.", 400);
    }
    const { token, fields } = form;
    const outcome = decide(devices, fields, runtime.now().getTime());
    if (typeof outcome === "string") {
      const [userCode, username] = [fields.get("user_code"), fields.get("username")];
      return answerForm(c, { formToken: token, userCode, username, problem: outcome });
    }
    forms.close(token);
    return outcome.approved
      ? answerMessage(c, "Approved", "Your device has access now. You can close this page.")
      : answerMessage(c, "Denied", "Your device gets no access. You can close this page.");
  });

  return routes;
}

/** Records the user's decision, or says what is wrong with the form. */
function decide(
  devices: DeviceAuthorizations,
  form: OAuthParameters,
  signedInAt: number,
): { readonly approved: boolean } | string {
  const device = devices.withUserCode(form.get("user_code") ?? "");
  if (!device) return "No device waits with this code: it may be mistyped, or have expired.";
  if (form.get("decision") === "deny") {
    device.decision = "denied";
    return { approved: false };
  }
  const user = findUser(device.client, form.get("username") ?? "", form.get("password") ?? "");
  if (!user) return "The user name or the password is wrong.";
  device.decision = { subject: user.name, signedInAt };
  return { approved: true };
}

function answerForm(c: Context, { userCode, problem, ...rest }: Draft) {
  const fields = html`<p>
<label for="user_code">Code</label>
<input id="user_code" name="user_code" value="${userCode ?? ""}" autocomplete="off" autocapitalize="characters" spellcheck="false" required>
</p>`;
  const form = signInForm({ action: "/auth/oauth2/device/approve", fields, problem, ...rest });
  const advice = html`<p>Approve a code only if your own device shows it to you right now.</p>`;
  const content = html`${advice}
${form}`;
  return answerPage(c, "Connect a device", content, problem === undefined ? 200 : 403);
}
