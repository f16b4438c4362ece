import { type BodyReader, bufferBody, notJson, parseJson } from "./response.ts";
import type { Issue, Schema } from "./schema.ts";

/** The schema of a JSON array. Its elements are validated and converted while they arrive. */
export interface ListSchema<R> extends Schema<readonly R[]> {
  readonly createReader: () => BodyReader;
}

/** The valid elements of a list, and the issues of the others. */
class Elements<R> {
  readonly values: R[] = [];
  readonly issues: Issue[] = [];
}

/** Maximum number of issues to keep, because each of 100,000 elements may have some. */
const maximumIssues = 10;

/** Maximum size of a list in MiB; sufficient for 100,000 tokens. */
const listLimit = 64;

/** Maximum size of one element in bytes. */
const elementLimit = 4 * 1024 * 1024;

/**
 * Returns a schema for a list that may be long. Only the converted elements stay in memory.
 * @param convert makes the domain object of a valid element.
 */
export const listOf = <T, R>(schema: Schema<T>, convert: (element: T) => R): ListSchema<R> => ({
  createReader: () => readElements(schema, convert),
  "~standard": {
    validate: (json) => {
      if (!(json instanceof Elements)) return { issues: [{ message: "not a list" }] };
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
    if (result instanceof Promise)
      throw new Error("the schema of a list element must be synchronous");
    if (!result.issues) elements.values.push(convert(result.value));
    else if (elements.issues.length < maximumIssues)
      elements.issues.push(
        ...result.issues.map(({ message, path = [] }) => ({ message, path: [at, ...path] })),
      );
  });
  // A body that is not an array is buffered like every other one.
  let other: BodyReader | undefined = bufferBody();
  return {
    get limit() {
      return other?.limit ?? listLimit;
    },
    write(chunk) {
      if (array.write(chunk)) other = undefined;
      else other?.write(chunk);
    },
    end: () => other?.end() ?? { text: "", json: array.end() ? elements : notJson },
  };
}

const [quote, backslash, comma] = Buffer.from('"\\,');
const [openBracket, closeBracket, openBrace, closeBrace] = Buffer.from("[]{}");
const blanks: ReadonlySet<number> = new Set(Buffer.from(" \t\r\n"));

/**
 * Splits the bytes of a JSON array (RFC 8259 §5) into its elements, which JSON.parse parses.
 * `write` returns whether the body is an array so far, `end` whether it was a complete one.
 */
function createArrayReader(visit: (element: unknown) => void) {
  let state: "before" | "other" | "inside" | "after" | "broken" = "before";
  let isEmpty = true;
  /** Open brackets within the current element. */
  let depth = 0;
  let isString = false;
  let isEscaped = false;
  /** The part of the current element in earlier chunks. */
  let pending: Uint8Array[] = [];
  let size = 0;

  function finish(rest: Uint8Array, isLast: boolean): void {
    const bytes = Buffer.concat([...pending, rest]);
    pending = [];
    size = 0;
    if (isLast) state = "after";
    if (isLast && isEmpty && bytes.every((byte) => blanks.has(byte))) return;
    isEmpty = false;
    const element = parseJson(bytes);
    // After a comma, an element is required.
    if (element === notJson || element === undefined) state = "broken";
    else visit(element);
  }

  /** Returns whether this byte ends the current element. */
  function isEnd(byte: number): boolean {
    if (isString) {
      if (isEscaped) isEscaped = false;
      else if (byte === backslash) isEscaped = true;
      else if (byte === quote) isString = false;
    } else if (byte === quote) isString = true;
    else if (byte === openBracket || byte === openBrace) depth++;
    else if (depth === 0) return byte === comma || byte === closeBracket;
    else if (byte === closeBracket || byte === closeBrace) depth--;
    return false;
  }

  return {
    write(chunk: Uint8Array): boolean {
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
        } else if (!blanks.has(byte)) state = state === "after" ? "broken" : "other";
        if (state === "other" || state === "broken") break;
      }
      if (state === "inside") {
        pending.push(chunk.subarray(start));
        size += chunk.length - start;
        if (size > elementLimit) {
          state = "broken";
          pending = [];
        }
      }
      return state !== "before" && state !== "other";
    },
    end: (): boolean => state === "after",
  };
}
