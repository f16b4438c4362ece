import { type BodyReader, notJson, parseJson, readWhole } from "./reply.ts";
import type { Issue, Schema } from "./schema.ts";

/** What reads a list whose elements are checked and converted as they come. */
export interface ListSchema<R> extends Schema<readonly R[]> {
  readonly createReader: () => BodyReader;
}

/** What was read of a list. */
class Elements<R> {
  readonly values: R[] = [];
  readonly issues: Issue[] = [];
}

/** So many mistakes are kept, which is more than are told of: of 100,000 elements each may have some. */
const mostIssues = 10;

/** MiB that are enough for 100,000 tokens. */
const mostOfList = 64;

/** Bytes that are more than an element has. */
const mostOfElement = 4 * 1024 * 1024;

/** A list that may be long: no more of it is kept than what `convert` makes of its elements. */
export const listOf = <T, R>(schema: Schema<T>, convert: (element: T) => R): ListSchema<R> => ({
  createReader: () => readElements(schema, convert),
  "~standard": {
    validate: (json) => {
      if (!(json instanceof Elements)) return { issues: [{ message: "no list" }] };
      return json.issues.length > 0 ? { issues: json.issues } : { value: json.values };
    },
  },
});

function readElements<T, R>(schema: Schema<T>, convert: (element: T) => R): BodyReader {
  const elements = new Elements<R>();
  let index = 0;
  const array = createArrayReader((element) => {
    const at = index++;
    const result = schema["~standard"].validate(element);
    if (result instanceof Promise) throw new Error("an element is checked as it comes");
    if (!result.issues) elements.values.push(convert(result.value));
    else if (elements.issues.length < mostIssues)
      elements.issues.push(
        ...result.issues.map(({ message, path = [] }) => ({ message, path: [at, ...path] })),
      );
  });
  // What is no list is read as everything else is.
  let other: BodyReader | undefined = readWhole();
  return {
    get most() {
      return other?.most ?? mostOfList;
    },
    take(chunk) {
      if (array.take(chunk)) other = undefined;
      else other?.take(chunk);
    },
    end: () => other?.end() ?? { text: "", json: array.end() ? elements : notJson },
  };
}

const [quote, backslash, comma] = Buffer.from('"\\,');
const [openBracket, closeBracket, openBrace, closeBrace] = Buffer.from("[]{}");
const blanks: ReadonlySet<number> = new Set(Buffer.from(" \t\r\n"));

/**
 * Takes a JSON array (RFC 8259 §5) apart as its bytes come. Where elements end is found out here;
 * what they are JSON.parse says. `take` tells whether it is an array so far, `end` whether it was
 * one to its end, and nothing else.
 */
function createArrayReader(visit: (element: unknown) => void) {
  let state: "before" | "other" | "inside" | "behind" | "broken" = "before";
  let isEmpty = true;
  /** Brackets that are open within an element. */
  let depth = 0;
  let isText = false;
  let isEscaped = false;
  /** What came of an element in earlier chunks. */
  let begun: Uint8Array[] = [];
  let size = 0;

  function finish(rest: Uint8Array, isLast: boolean): void {
    const bytes = Buffer.concat([...begun, rest]);
    begun = [];
    size = 0;
    if (isLast) state = "behind";
    if (isLast && isEmpty && bytes.every((byte) => blanks.has(byte))) return;
    isEmpty = false;
    const element = parseJson(bytes);
    // Behind a comma there must be something.
    if (element === notJson || element === undefined) state = "broken";
    else visit(element);
  }

  /** Whether an element ends with this byte. */
  function isEnd(byte: number): boolean {
    if (isText) {
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) isText = false;
    } else if (byte === quote) isText = true;
    else if (byte === openBracket || byte === openBrace) depth++;
    else if (depth === 0) return byte === comma || byte === closeBracket;
    else if (byte === closeBracket || byte === closeBrace) depth--;
    return false;
  }

  return {
    take(chunk: Uint8Array): boolean {
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] ?? 0;
        if (state === "inside") {
          if (!isEnd(byte)) continue;
          finish(chunk.subarray(start, at), byte === closeBracket);
          start = at + 1;
        } else if (state === "before" && byte === openBracket) {
          state = "inside";
          start = at + 1;
        } else if (!blanks.has(byte)) state = state === "behind" ? "broken" : "other";
        if (state === "other" || state === "broken") break;
      }
      if (state === "inside") {
        begun.push(chunk.subarray(start));
        size += chunk.length - start;
        if (size > mostOfElement) {
          state = "broken";
          begun = [];
        }
      }
      return state !== "before" && state !== "other";
    },
    end: (): boolean => state === "behind",
  };
}
