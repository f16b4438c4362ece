import { toHex } from "../core/text.ts";
import type { SandboxRuntime } from "./api.ts";

/** Returns a new secret of `size` random bytes in the encoding of the emulated API. */
export function createSecret(
  randomBytes: SandboxRuntime["randomBytes"],
  size: number,
  encoding: "base64" | "base64url",
): string {
  return Buffer.from(randomBytes(size)).toString(encoding);
}

/**
 * Nanoseconds between two timestamps of the same millisecond, so that their last digits are not
 * zeros.
 */
const step = 101n;

/**
 * Returns a function that returns the current time as the API formats it: RFC 3339 in UTC with nine
 * fractional digits. Each timestamp is later than the one before, even if `now` returns the same
 * time.
 * @see https://www.rfc-editor.org/rfc/rfc3339
 */
export function createTimestamps(now: () => Date): () => string {
  let last = 0n;
  return () => {
    const current = BigInt(now().getTime()) * 1_000_000n;
    last = (current > last ? current : last) + step;
    const milliseconds = new Date(Number(last / 1_000_000n)).toISOString().slice(0, -1);
    return `${milliseconds}${String(last % 1_000_000n).padStart(6, "0")}Z`;
  };
}

/**
 * Returns a version 4 UUID made of `randomBytes`: `crypto.randomUUID` accepts no source of
 * randomness.
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.4
 */
export function createUuid(randomBytes: SandboxRuntime["randomBytes"]): string {
  const hex = toHex(randomBytes(16));
  const variant = "89ab".charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}

/**
 * Returns a function that returns pseudo-random numbers from 0 (inclusive) to 1 (exclusive). The
 * same seed results in the same numbers (mulberry32).
 */
export function createRandomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
