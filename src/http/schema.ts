import * as v from "valibot";
import { visibleAscii } from "../core/text.ts";
import { parseTimestamp } from "../core/time.ts";
import { isWebUrl } from "../core/url.ts";

/**
 * The part of the Standard Schema interface (standardschema.dev, version 1) that the client calls,
 * so that it knows no schema library.
 */
export interface Schema<T> {
  readonly "~standard": {
    readonly validate: (value: unknown) => Outcome<T> | Promise<Outcome<T>>;
  };
}

type Outcome<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly Issue[] };

export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** `items.0.spec.role`: where in a body it is wrong, at first. Never the values found there. */
export function describeIssues(issues: readonly Issue[]): string {
  const places = new Set<string>();
  for (const issue of issues) {
    if (places.size === 8) return [...places, "…"].join(", ");
    places.add(issuePath(issue));
  }
  return [...places].join(", ");
}

const issuePath = ({ path = [] }: Issue): string =>
  path
    .map((part) => String(typeof part === "object" ? part.key : part))
    .join(".")
    .slice(0, 100) || "the body";

/** A server's time, as a Timestamp: RFC 3339, or without a zone for UTC. */
export const Time = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const time = parseTimestamp(dataset.value);
    if (time === undefined) addIssue({ message: "not a time" });
    return time ?? NEVER;
  }),
);

/** An object of texts. Unlike Valibot's record it keeps every key: `constructor` is a label's name like others. */
export const TextMap = v.custom<Readonly<Record<string, string>>>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string"),
);

/**
 * A new secret. It is opaque, but nothing else than visible ASCII can be sent as a credential, or
 * printed as it is.
 */
export const SecretText = v.pipe(v.string(), v.regex(visibleAscii));

/** A page that the person is to open in a browser: http or https. */
export const PageUrl = v.pipe(v.string(), v.check(isWebUrl, "not an http(s) URL"));

/** What is said of one thing, by its id: a reply about another is none, and its secret is another's. */
export const ofId = <T extends v.GenericSchema<unknown, { readonly id: string }>>(
  schema: T,
  id: string,
) =>
  v.pipe(
    schema,
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed || dataset.value.id === id) return;
      const input = { ...dataset.value };
      addIssue({
        message: "another id",
        path: [{ type: "object", origin: "value", input, key: "id", value: input.id }],
      });
    }),
  );
