import * as v from "valibot";
import { toHex } from "../../core/text.ts";
import type { SandboxRuntime } from "../api.ts";
import { parseBody } from "../http.ts";

/** The roles the API knows; the command line's short spellings never reach it. */
const roles = [
  "ai_training_read",
  "ai_training_operator",
  "quantum_reader",
  "quantum_operator",
] as const;

/** One label; "" is none. */
export const LabelSelector = v.pipe(v.string(), v.regex(/^(?:[^=,]+=[^,]+)?$/));

/** What a token is for, field by field; the public API asks for one more. */
export const tokenSpecEntries = {
  name: v.pipe(v.string(), v.nonEmpty()),
  role: v.picklist(roles),
  labelSelector: v.exactOptional(LabelSelector),
};

/** What a refusal says of each of them. */
export const tokenSpecRules = {
  name: "must be a non-empty string",
  role: `must be one of ${roles.join(", ")}`,
  labelSelector: "must be one name=value, without a comma",
};

const Schema = v.strictObject(tokenSpecEntries);

/** What a token is for, fixed when it is made: `TokenSpec` of the API. */
export type OvhAiTokenSpec = v.InferOutput<typeof Schema>;

/** Reads the body of a create request. */
export function parseOvhAiTokenSpec(body: string): OvhAiTokenSpec {
  return parseBody(body, Schema, tokenSpecRules);
}

/** Keeps readings within one millisecond apart, and their last digits from being all zeros. */
const step = 101n;

/**
 * A clock that reads as the API prints time: RFC 3339 in UTC with nine fractional digits.
 * No two readings are equal and none is before the last, even while `now` stands still.
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

/** A version 4 UUID (RFC 9562) from the given source of randomness, which `crypto.randomUUID` lacks. */
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
