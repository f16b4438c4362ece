import * as v from "valibot";
import { parseTimestamp } from "../core/time.ts";
import { isWebUrl } from "../core/web-url.ts";

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
export const SecretText = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/));

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
