import * as v from "valibot";
import { raceAbort } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { clamp } from "../core/time.ts";
import { CliError } from "../errors.ts";
import {
  type OAuthClient,
  OAuthError,
  postForm,
  requestTokens,
  type TokenResponse,
} from "./oauth.ts";
import { PageUrl } from "./schema.ts";

/** Seconds between polls without an `interval`, and added after `slow_down` (RFC 8628 §3.5). */
const defaultInterval = 5;
/** Limits in seconds for the server's `interval` and `expires_in`. */
const [minimumInterval, maximumInterval, maximumExpiry] = [1, 300, 86_400];

/** The device authorization response (RFC 8628 §3.2); times in seconds. */
const DeviceAuthorization = v.object({
  device_code: v.string(),
  user_code: v.string(),
  verification_uri: PageUrl,
  expires_in: v.number(),
  interval: v.nullish(v.number()),
});
type DeviceAuthorization = v.InferOutput<typeof DeviceAuthorization>;

/** The errors that end a sign-in. */
interface DeviceErrors {
  interrupted(): CliError;
  timedOut(): CliError;
  denied(): CliError;
}

/** Requests the codes for a sign-in on another device (RFC 8628 §3.1). */
export const authorizeDevice = (
  transport: Transport,
  url: string,
  { clientId }: Pick<OAuthClient, "clientId">,
  scope: string,
): Promise<DeviceAuthorization> =>
  postForm(transport, url, DeviceAuthorization, { client_id: clientId, scope });

/**
 * Polls the token endpoint until the user has approved or denied the sign-in (RFC 8628 §3.4).
 * @throws the error of `errors` if it is denied, expires or is interrupted; CliError for another failure.
 */
export async function pollForTokens(
  transport: Transport,
  client: OAuthClient,
  device: DeviceAuthorization,
  errors: DeviceErrors,
): Promise<TokenResponse> {
  const end = transport.now().getTime() + clamp(device.expires_in, 0, maximumExpiry) * 1000;
  let interval = clamp(device.interval ?? defaultInterval, minimumInterval, maximumInterval);
  while (transport.now().getTime() + interval * 1000 < end) {
    const pause = transport.sleep(interval * 1000);
    await raceAbort(pause, transport.interrupt, errors.interrupted);
    try {
      return await requestTokens(transport, client, {
        grant_type: "urn:ietf:params:oauth:grant-type:device_code",
        device_code: device.device_code,
      });
    } catch (error) {
      interval += additionalInterval(error, errors);
    }
  }
  throw errors.timedOut();
}

/** Returns the seconds to add to the poll interval. @throws the errors that end polling. */
function additionalInterval(error: unknown, { timedOut, denied }: DeviceErrors): number {
  if (!(error instanceof OAuthError)) {
    // After a timeout, clients must poll less often (RFC 8628 §3.5).
    if (error instanceof CliError && error.code === "network") return defaultInterval;
    throw error;
  }
  if (error.error === "authorization_pending") return 0;
  if (error.error === "slow_down") return defaultInterval;
  if (error.error === "expired_token") throw timedOut();
  throw error.error === "access_denied" ? denied() : error;
}
