/**
 * Returns the claims of a JWT (RFC 7519 §4); {} for other text. The signature is not verified: the
 * server that receives the token does that.
 */
export function claimsOf(jwt: string): Readonly<Record<string, unknown>> {
  try {
    const claims = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? claims : {};
  } catch {
    return {};
  }
}

/** Returns the expiry of a JWT (`exp`, RFC 7519 §4.1.4) in milliseconds since 1970. */
export function expiryOfJwt(jwt: string): number | undefined {
  const { exp } = claimsOf(jwt);
  return typeof exp === "number" ? exp * 1000 : undefined;
}
