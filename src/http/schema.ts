import * as v from "valibot";
import { visibleAscii } from "../core/text.ts";
import { parseTimestamp } from "../core/time.ts";
import { isWebUrl } from "../core/url.ts";

/**
 * The part of the Standard Schema interface that the client calls, so that it depends on no schema
 * library.
 * @see https://standardschema.dev
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

/** Lists the paths of the first 8 issues, such as `items.0.spec.role`; never the values, which may be secret. */
export function describeIssues(issues: readonly Issue[]): string {
  const paths = new Set<string>();
  for (const issue of issues) {
    if (paths.size === 8) return [...paths, "…"].join(", ");
    paths.add(issuePath(issue));
  }
  return [...paths].join(", ");
}

const issuePath = ({ path = [] }: Issue): string =>
  path
    .map((part) => String(typeof part === "object" ? part.key : part))
    .join(".")
    .slice(0, 100) || "the body";

/** A timestamp of a server: RFC 3339, or without an offset for UTC. */
export const ServerTime = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const time = parseTimestamp(dataset.value);
    if (time === undefined) addIssue({ message: "not a timestamp" });
    return time ?? NEVER;
  }),
);

/** An object with string values. Unlike Valibot's record it keeps keys such as `constructor`, which is a valid label. */
export const StringMap = v.custom<Readonly<Record<string, string>>>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string"),
);

/** A secret: visible ASCII, so that it can be sent in a header and printed unescaped. */
export const SecretText = v.pipe(v.string(), v.regex(visibleAscii));

/** An http(s) URL of a page to open in a browser. */
export const PageUrl = v.pipe(v.string(), v.check(isWebUrl, "not an http(s) URL"));

/** Requires the ID of the requested object: a response about another object holds the wrong secret. */
export const withId = <T extends v.GenericSchema<unknown, { readonly id: string }>>(
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
