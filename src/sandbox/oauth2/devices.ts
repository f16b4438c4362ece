import type { Surroundings } from "../api.ts";
import { createSecret, digest } from "../store.ts";
import { type Client, requireGrant } from "./clients.ts";
import { OAuthError } from "./errors.ts";
import { type Parameters, requestedScope, required } from "./parameters.ts";
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
  readonly client: Client;
  readonly scope: readonly string[];
  readonly userCode: string;
  readonly expiresAt: number;
  interval: number;
  lastPoll: number;
  /** What the user decided; undefined as long as they have not. */
  decision: "denied" | { readonly subject: string; readonly signedInAt: number } | undefined;
}

/** The reply of RFC 8628 §3.2, but for the addresses. */
export interface DeviceReply {
  readonly device_code: string;
  readonly user_code: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** The devices that ask one authorization server for access (RFC 8628). */
export interface Devices {
  start(client: Client, parameters: Parameters): DeviceReply;
  /** The device that waits for a decision about this code, however the user writes it. */
  withUserCode(userCode: string): Device | undefined;
  /** What the user granted, once; until then the refusals of RFC 8628 §3.5. */
  redeem(client: Client, parameters: Parameters): Grant;
}

export function createDevices({ now, randomBytes }: Surroundings): Devices {
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
      const key = digest(required(parameters, "device_code"));
      const device = devices.get(key);
      if (device?.client !== client) {
        throw new OAuthError("invalid_grant", "the device code is not valid for this client");
      }
      if (isExpired(device)) throw new OAuthError("expired_token", "the device code has expired");
      const { decision, scope } = device;
      if (decision === "denied") throw new OAuthError("access_denied", "the user denied access");
      if (!decision) throw keepWaiting(device, now().getTime());
      devices.delete(key);
      return { client, scope, ...decision };
    },
  };
}

/** Each poll that comes too fast makes the interval longer, for good (RFC 8628 §3.5). */
function keepWaiting(device: Device, time: number): OAuthError {
  const tooFast = time - device.lastPoll < device.interval * 1000 - TOLERANCE_MS;
  device.lastPoll = time;
  if (!tooFast) return new OAuthError("authorization_pending", "the user has not decided yet");
  device.interval += INTERVAL_SECONDS;
  return new OAuthError("slow_down", `wait ${device.interval} seconds between polls`);
}

const createUserCode = (randomBytes: Surroundings["randomBytes"]) =>
  Array.from(randomBytes(8), (byte) => LETTERS.charAt(byte % LETTERS.length)).join("");
