import { isIP } from "node:net";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { bearerCredential, parseBody } from "../http.ts";
import { type OvhApplication, type SignatureVerifier, serverTime } from "./authentication.ts";
import { AccessRules, type ConsumerKeys } from "./consumer-keys.ts";
import { invalidCredential } from "./errors.ts";
import { validationPath } from "./validation-page.ts";

const WebUrl = v.pipe(
  v.string(),
  v.url(),
  v.regex(/^https?:\/\//i),
  v.transform((url) => new URL(url).href),
);

const bits: ReadonlyMap<number, number> = new Map([
  [4, 32],
  [6, 128],
]);

/** An IP address or a CIDR range. */
const AddressBlock = v.pipe(
  v.string(),
  v.check((block) => {
    const [, address = "", prefix = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(block) ?? [];
    return Number(prefix) <= (bits.get(isIP(address)) ?? -1);
  }),
);

const CredentialRequest = v.strictObject({
  accessRules: AccessRules,
  redirection: v.exactOptional(WebUrl),
  allowedIPs: v.exactOptional(v.array(AddressBlock)),
});

const rules = {
  accessRules: "must be a list of at least one {method, path}; a path starts with /",
  redirection: "must be an http or https URL",
  allowedIPs: "must be a list of IP addresses and CIDR ranges",
};

/**
 * Returns the endpoints under `/1.0/auth`: server time, and request, status and revocation of a
 * consumer key.
 * @see https://docs.ovh.com/gb/en/customer/first-steps-with-ovh-api/
 */
export function ovhAuthRoutes(
  now: SandboxRuntime["now"],
  { applicationKey }: OvhApplication,
  consumerKeys: ConsumerKeys,
  verifySignature: SignatureVerifier,
): Hono {
  const routes = new Hono();

  routes.get("/1.0/auth/time", (c) => c.json(serverTime(now)));

  routes.post("/1.0/auth/credential", async (c) => {
    if (c.req.header("X-Ovh-Application") !== applicationKey) throw invalidCredential();
    const request = parseBody(await c.req.text(), CredentialRequest, rules);
    const { consumerKey, validationToken } = consumerKeys.request(request);
    const validationUrl = new URL(validationPath(validationToken), c.req.url).href;
    return c.json({ validationUrl, consumerKey, state: "pendingValidation" });
  });

  // Clients poll this endpoint, so it accepts a key that is not validated and ignores the access
  // rules.
  routes.get("/1.0/auth/currentCredential", async (c) => {
    if (bearerCredential(c) !== undefined) {
      throw new HTTPException(403, { message: "An access token has no consumer key" });
    }
    const { credentialId, status, creation, rules, allowedIPs = null } = await verifySignature(c);
    return c.json({ credentialId, status, creation, expiration: null, rules, allowedIPs });
  });

  routes.post("/1.0/auth/logout", async (c) => {
    await verifySignature(c);
    consumerKeys.revoke(c.req.header("X-Ovh-Consumer") ?? "");
    return c.json(null);
  });

  return routes;
}
