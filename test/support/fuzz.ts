import fc from "fast-check";
import { expect, test } from "vitest";
import { exitCodes } from "../../src/errors.ts";
import { formats } from "../../src/output/view.ts";
import type { Outcome } from "./outcome.ts";

/** Number of random cases. Without it, a few cases run with a fixed seed. */
const wanted = Number(process.env["TOKCTL_FUZZ_RUNS"] ?? 0);

/** A test of a property. The timeout of a case detects hangs. */
export const fuzz = <T>(
  name: string,
  cases: fc.Arbitrary<T>,
  numRuns: number,
  holds: (example: T) => Promise<void>,
) =>
  test(
    name,
    () =>
      fc.assert(fc.asyncProperty(cases, holds), {
        timeout: 20_000,
        ...(wanted > 0 ? { numRuns: wanted } : { numRuns, seed: 7 }),
      }),
    30_000 + wanted * 1000,
  );

// Control characters except line feed, and bidirectional, zero-width and separator characters.
// Defined independently of src.
export const raw =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds them.
  /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/u;

/** Text that can break a terminal, a format or a parser. */
export const hostileText = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    fc.integer({ min: 0, max: 0x9f }).map((unit) => String.fromCharCode(unit)),
    fc.constantFrom("\u202e", "\u200b", "\ufeff", "\u2028", "\ud800", "\u{e0041}", "😀", " "),
    fc.constantFrom("#", ":", "-", "'", '"', "\\", "\n", "|", ">", "&", "~", "x"),
  ),
  minLength: 1,
});

/** Hostile text, and text that programs can interpret as another type. */
export const anyText = fc.oneof(
  { weight: 2, arbitrary: hostileText },
  fc.constantFrom("\x1b[2J", "a\x9b1mb", "a\u202eb", "\u200b", "\x85", "\x7f", "a\tb\r", "\u2028"),
  fc.constantFrom(
    ...["", " ", "-", "--", "-1", "0", "1e999", "NaN", "null", "true", "[]", "{}", "__proto__"],
    ...["constructor", "toString", "../..", "/etc/passwd", "%2e%2e", "a/b?c#d", "é".repeat(300)],
    ...["2027-02-30", "9999999999d", "\ud83d", "\x1b]0;owned\x07", "\r\nx: y", "x".repeat(5000)],
  ),
);

/** Any JSON, including unusual keys and values. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: anyText },
  fc.constantFrom<unknown>(null, true, false, 0, -1, 0.5, 1e308, 2 ** 53, -(2 ** 31), [], {}),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A change of one value of a JSON document. */
export type Spoiling =
  | { readonly how: "reword"; readonly at: number; readonly by: string }
  | { readonly how: "replace" | "drop" | "double"; readonly at: number; readonly by: unknown };

export const spoiling: fc.Arbitrary<Spoiling> = fc.oneof(
  fc.record({ how: fc.constant("reword"), at: fc.nat(200), by: anyText }),
  fc.record({ how: fc.constantFrom("replace", "drop", "double"), at: fc.nat(200), by: anyJson }),
);

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.entries(holder).flatMap(([key, child]) => [{ holder, key }, ...placesIn(child)]);
}

/** Returns a copy of the document after the changes. */
export function spoil(document: unknown, changes: readonly Spoiling[]): unknown {
  const root: Record<string, unknown> = structuredClone({ document });
  for (const { at, how, by } of changes) {
    const places = placesIn(root).filter(
      ({ holder, key }) => how !== "reword" || typeof holder[key] === "string",
    );
    const { holder, key } = places[at % places.length] ?? { holder: root, key: "document" };
    if (how === "reword" || how === "replace") holder[key] = by;
    else if (Array.isArray(holder)) holder.splice(Number(key), how === "drop" ? 1 : 0, holder[key]);
    else if (how === "drop") delete holder[key];
    else holder[`${key}${key}`] = holder[key];
  }
  return root["document"];
}

/** A replacement of some bytes of a text. */
export const cutting = fc.record({
  at: fc.nat(4000),
  length: fc.nat(20),
  by: fc.oneof(
    fc.uint8Array({ maxLength: 10 }),
    anyText.map((text) => Buffer.from(text)),
  ),
});

export function cut(
  text: string | Uint8Array,
  changes: readonly { readonly at: number; readonly length: number; readonly by: Uint8Array }[],
): Buffer {
  return changes.reduce((bytes, { at, length, by }) => {
    const from = bytes.length === 0 ? 0 : at % bytes.length;
    return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(from + length)]);
  }, Buffer.from(text));
}

let secrets = 0;

/** Returns a unique secret. */
export const freshSecret = () => `s3cr3t-number-${++secrets}-of-somebody`;

const known = new Set<number>([0, ...Object.values(exitCodes)]);

/** Options for the output format and style. */
export const anyFormat = fc.constantFrom(
  ...formats.map((format) => ["-o", format]),
  ...[["-q"], ["--debug"], ["--debug", "-o", "json"], []],
);

/**
 * Checks the rules for every run: no unexpected error, no control characters and no secrets in the
 * output. With `-o json`, results and errors are JSON.
 */
export function expectSound(
  { code, stdout, stderr }: Outcome,
  args: readonly string[],
  { everywhere = [], besides = [] }: Secrets = {},
): void {
  expect(stderr).not.toMatch(/error\[unexpected\]|"code": ?"unexpected"|^ +at /m);
  expect(known).toContain(code);
  expect(code).not.toBe(exitCodes.unexpected);
  for (const printed of [stdout, stderr]) {
    expect(printed).not.toMatch(raw);
    expect(printed.isWellFormed()).toBe(true);
  }
  for (const secret of everywhere) expect(stdout).not.toContain(secret);
  for (const secret of [...everywhere, ...besides]) expect(stderr).not.toContain(secret);
  if (!args.join(" ").endsWith("-o json")) return;
  if (/^[[{]/.test(stdout)) JSON.parse(stdout);
  const error = stderr.split("\n").findLast((line) => line.startsWith('{"error"'));
  if (error !== undefined) expect(JSON.parse(error).error.exitCode).toBe(code);
}

export interface Secrets {
  /** Secrets that neither stdout nor stderr can contain. */
  readonly everywhere?: readonly string[];
  /** Secrets that only stdout can contain, as the result. */
  readonly besides?: readonly string[];
}
