import type { Context, ErrorHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";

/** The credential of an `Authorization: Bearer` header, if the request has one. */
export function bearerCredential(c: Context): string | undefined {
  return /^Bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
}

/** Answers with `{"message"}`; of what goes wrong unforeseen it tells nothing. */
export const answerProblem: ErrorHandler = (error, c) =>
  error instanceof HTTPException
    ? c.json({ message: error.message }, error.status)
    : c.json({ message: "internal server error" }, 500);

/** An object's schema, which a list does not fit: Valibot takes a list for an object, too. */
export const jsonObject = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value)),
    schema,
  );

/**
 * Reads a JSON body. A field that is null counts as absent: official clients send optional ones so.
 * @param rules What a refusal says of each field that there is. It never repeats the value: a
 *   misplaced secret must not come back in an error.
 * @throws HTTPException 400 with the first field that is wrong or unknown.
 */
export function parseBody<Schema extends v.GenericSchema>(
  body: string,
  schema: Schema,
  rules: Readonly<Record<string, string>>,
): v.InferOutput<Schema> {
  const given = parseJson(body);
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new HTTPException(400, { message: "the body must be an object" });
  const known = new Map<unknown, string>(Object.entries(rules));
  // Valibot takes the name of a member of every object, such as "constructor", for a known field.
  const unknown = Object.keys(given).find((field) => !known.has(field));
  if (unknown !== undefined)
    throw new HTTPException(400, { message: `${unknown} is not a known field` });
  const fields = Object.entries(given).filter(([, value]) => value !== null);
  const result = v.safeParse(schema, Object.fromEntries(fields));
  if (result.success) return result.output;
  const field = result.issues[0].path?.[0]?.key;
  throw new HTTPException(400, { message: `${field} ${known.get(field) ?? "is not allowed"}` });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new HTTPException(400, { message: "the body is not valid JSON" });
  }
}
