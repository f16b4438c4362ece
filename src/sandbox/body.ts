import { HTTPException } from "hono/http-exception";
import * as v from "valibot";

/** An object's schema, which a list does not fit: Valibot takes a list for an object, too. */
export const mapping = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value)),
    schema,
  );

/**
 * Reads a JSON body, or refuses it with 400. A refusal names the field and says its rule but
 * never repeats what stood in it: a misplaced secret must not come back in an error.
 */
export function parseBody<Schema extends v.GenericSchema>(
  body: string,
  schema: Schema,
  rules: Readonly<Record<string, string>>,
): v.InferOutput<Schema> {
  const result = v.safeParse(mapping(schema), parseJson(body));
  if (result.success) return result.output;
  const field = result.issues[0].path?.[0]?.key;
  if (field === undefined) throw new HTTPException(400, { message: "the body must be an object" });
  const rule = new Map<unknown, string>(Object.entries(rules)).get(field);
  throw new HTTPException(400, { message: `${field} ${rule ?? "is not a known field"}` });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new HTTPException(400, { message: "the body is not valid JSON" });
  }
}
