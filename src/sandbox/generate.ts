import { createHash } from "node:crypto";
import { toHex } from "../core/text.ts";
import { dayMs } from "../core/time.ts";
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

/** Returns the SHA-256 of a secret in hexadecimal, which is stored instead of the secret. */
export function digest(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** The fields of a generated token that do not depend on the API. */
export interface GeneratedToken {
  /** Index, from 0 for the oldest token, to vary the other fields. */
  readonly index: number;
  /** `token-00001` for the oldest token. */
  readonly name: string;
  /** A UUID that is the same in every sandbox. */
  readonly id: string;
  /** RFC 3339 with nine fractional digits. */
  readonly createdAt: string;
  /** Later than `createdAt` for a token that was renewed once. */
  readonly updatedAt: string;
}

/** Every fifth token was renewed after it was created. */
const renewalInterval = 5;

/**
 * Returns generated tokens, oldest first. They are created at regular intervals in the year before
 * now. No client has their secrets.
 * @param api the ID of the API, because tokens of different APIs have different IDs.
 */
export function generateTokens(
  { now }: Pick<SandboxRuntime, "now">,
  count: number,
  api: string,
): readonly GeneratedToken[] {
  const end = now().getTime();
  const start = end - 365 * dayMs;
  const random = createRandomNumbers(Number.parseInt(digest(api).slice(0, 8), 16));
  const randomBytes = (size: number) => Uint8Array.from({ length: size }, () => random() * 256);
  return Array.from({ length: count }, (_, index) => {
    const createdMs = start + Math.floor(((end - start) * index) / count);
    const createdAt = formatTimestamp(createdMs, index);
    const isRenewed = index % renewalInterval === renewalInterval - 1;
    return {
      index,
      name: `token-${String(index + 1).padStart(5, "0")}`,
      id: createUuid(randomBytes),
      createdAt,
      updatedAt: isRenewed ? formatTimestamp((createdMs + end) / 2, index) : createdAt,
    };
  });
}

/** @param nanoseconds digits below a millisecond. */
const formatTimestamp = (milliseconds: number, nanoseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, -1)}${String(nanoseconds + 1).padStart(6, "0")}Z`;

/** Returns the value for a token: successive tokens have successive values. */
export const alternate = <const Values extends readonly unknown[]>(
  values: Values,
  index: number,
): Values[number] => values[index % values.length];
