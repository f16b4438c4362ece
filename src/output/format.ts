import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";

export const formats = ["text", "description", "json", "yaml"] as const;
export type Format = (typeof formats)[number];

/** Returns the format in TOKCTL_OUTPUT; undefined if unset or invalid. */
export const findFormat = ({ TOKCTL_OUTPUT: wanted }: Host["env"]): Format | undefined =>
  formats.find((known) => known === wanted);

/** Returns the format in TOKCTL_OUTPUT. @throws UsageError if it is invalid. */
export function parseFormat(env: Host["env"]): Format | undefined {
  const { TOKCTL_OUTPUT: wanted } = env;
  const format = findFormat(env);
  if (wanted && !format)
    throw new UsageError(`Invalid output format "${wanted}" in TOKCTL_OUTPUT.`, {
      hint: `Use one of: ${formats.join(", ")}`,
    });
  return format;
}

/** Splits items into arrays of `size`; the last one may be shorter. */
export function* batches<T>(items: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
