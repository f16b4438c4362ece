import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";

export const formats = ["text", "description", "json", "yaml"] as const;
export type Format = (typeof formats)[number];

/** The format that TOKCTL_OUTPUT names; undefined if it names none. */
export const findFormat = ({ TOKCTL_OUTPUT: wanted }: Host["env"]): Format | undefined =>
  formats.find((known) => known === wanted);

/** The same. @throws UsageError if TOKCTL_OUTPUT holds anything else. */
export function parseFormat(env: Host["env"]): Format | undefined {
  const { TOKCTL_OUTPUT: wanted } = env;
  const format = findFormat(env);
  if (wanted && !format)
    throw new UsageError(`TOKCTL_OUTPUT is "${wanted}", which is no output format.`, {
      hint: `The formats are ${formats.join(", ")}.`,
    });
  return format;
}

/** Several of them at a time. */
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
