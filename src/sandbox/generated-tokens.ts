import { dayMs } from "../core/time.ts";
import type { SandboxRuntime } from "./api.ts";
import { createRandomNumbers, createUuid } from "./generate.ts";
import { digest } from "./store.ts";

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

/** @param nanoseconds Digits below a millisecond. */
const formatTimestamp = (milliseconds: number, nanoseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, -1)}${String(nanoseconds + 1).padStart(6, "0")}Z`;

/** Returns the value for a token: successive tokens have successive values. */
export const alternate = <const Values extends readonly unknown[]>(
  values: Values,
  index: number,
): Values[number] => values[index % values.length];
