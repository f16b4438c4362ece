import type { Context, Env, ErrorHandler, Handler, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";

/**
 * Returns the credential of an `Authorization: Bearer` header, if the request has one.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function bearerCredential(c: Context): string | undefined {
  return /^Bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
}

/** Responds with `{"message"}`. The message of an unexpected error is not disclosed. */
export const answerProblem: ErrorHandler = (error, c) =>
  error instanceof HTTPException
    ? c.json({ message: error.message }, error.status)
    : c.json({ message: "internal server error" }, 500);

/** Returns the schema of an object with arrays excluded, which Valibot accepts as objects. */
export const jsonObject = <Schema extends v.GenericSchema>(schema: Schema) =>
  v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value)),
    schema,
  );

/**
 * Parses a JSON body. A null field counts as absent, since official clients send optional fields as
 * null.
 * @param rules the error message of each allowed field. It never contains the value, since the
 * value may be a secret in the wrong field.
 * @throws HTTPException 400 with the first field that is invalid or unknown.
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
  // Valibot accepts names of inherited members, such as "constructor", as known fields.
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

/**
 * Adds a 405 response for every path in `routes` and every method that has no handler. Call it
 * after adding all other routes.
 * @param refuse returns the handler for a path that allows the given methods, such as `"GET,
 * POST"`.
 */
export function refuseOtherMethods<E extends Env>(
  routes: Hono<E>,
  refuse: (allowed: string) => Handler = refuseMethod,
): void {
  const served = routes.routes.filter(({ method }) => method !== "ALL");
  for (const path of new Set(served.map((route) => route.path))) {
    const methods = served.filter((route) => route.path === path).map(({ method }) => method);
    routes.all(path, refuse(methods.join(", ")));
  }
}

function refuseMethod(allowed: string): Handler {
  return (c) => {
    c.header("Allow", allowed);
    throw new HTTPException(405, { message: `the method must be one of ${allowed}` });
  };
}
