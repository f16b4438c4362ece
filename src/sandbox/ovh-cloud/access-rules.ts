import * as v from "valibot";

/** Where the API's paths begin; access rules do not repeat it. */
const base = "/1.0";

const AccessRule = v.strictObject({
  method: v.picklist(["GET", "POST", "PUT", "DELETE"]),
  path: v.pipe(v.string(), v.startsWith("/")),
});

/** A call that a consumer key may make: a method and a path below `/1.0`, which may end in `*`. */
export type AccessRule = v.InferOutput<typeof AccessRule>;

/** The rules of a request for a consumer key. */
export const AccessRules = v.pipe(v.array(AccessRule), v.minLength(1));

/** Every call there is. */
export const unrestricted: readonly AccessRule[] = AccessRule.entries.method.options.map(
  (method) => ({ method, path: "/*" }),
);

/** Whether one of the rules covers the call. */
export function grants(rules: readonly AccessRule[], method: string, path: string): boolean {
  return rules.some(
    (rule) => rule.method === method && path.startsWith(base) && covers(rule.path, path),
  );
}

function covers(pattern: string, path: string): boolean {
  const below = path.slice(base.length);
  return pattern.endsWith("*") ? below.startsWith(pattern.slice(0, -1)) : below === pattern;
}
