import type { Surroundings } from "../api.ts";

/** A version 4 UUID (RFC 9562) from the given source of randomness, which `crypto.randomUUID` lacks. */
export function createUuid(randomBytes: Surroundings["randomBytes"]): string {
  const hex = Buffer.from(randomBytes(16)).toString("hex");
  const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}
