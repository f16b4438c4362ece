import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { createSecret, createTimestamps, createUuid } from "../generate.ts";
import { alternate, generateTokens } from "../generated-tokens.ts";
import { parseBody } from "../http.ts";
import { TokenStore } from "../store.ts";

const groups = ["model-management", "model-evaluation"] as const;

const Schema = v.strictObject({
  resource: v.pipe(v.string(), v.maxLength(50), v.regex(/^(?:[A-Za-z0-9.-]+\*?|\*)$/)),
  groups: v.pipe(
    v.array(v.picklist(groups)),
    v.minLength(1),
    v.check((given) => new Set(given).size === given.length),
  ),
});

const rules = {
  resource: "must be 1 to 50 letters, digits, - and ., optionally ending in *",
  groups: `must be one or both of ${groups.join(", ")}`,
};

/**
 * Scope of a token: the model with the ID `resource`, or a prefix ending in `*`, and the groups.
 */
type ServingSpec = v.InferOutput<typeof Schema>;

/** Parses the body of a create request. @throws HTTPException 400 */
export function parseServingSpec(body: string): ServingSpec {
  return parseBody(body, Schema, rules);
}

/** A token in the format of the API: `Token`. */
interface ServingToken extends ServingSpec {
  readonly id: string;
  readonly createdAt: string;
}

/** A token with its secret, which only the responses to create and regenerate contain. */
interface IssuedServingToken extends ServingToken {
  readonly token: string;
}

/** The tokens of one namespace. Methods return undefined or false if the ID is unknown. */
interface ServingTokens {
  create(spec: ServingSpec): IssuedServingToken;
  get(id: string): ServingToken | undefined;
  list(): readonly ServingToken[];
  regenerate(id: string): IssuedServingToken | undefined;
  delete(id: string): boolean;
}

/** Groups of generated tokens. */
const generatedGroups = [["model-evaluation"], ["model-management"], [...groups]] as const;

/**
 * Returns the tokens of a namespace.
 * @param generatedTokens Number of generated tokens. The API has no names: their resource is the
 * name.
 */
export function createServingTokens(
  runtime: SandboxRuntime,
  generatedTokens: number,
): ServingTokens {
  const { now, randomBytes } = runtime;
  const store = new TokenStore<ServingToken>();
  for (const { index, name, id, createdAt } of generateTokens(
    runtime,
    generatedTokens,
    "ovh-serving",
  ))
    store.putWithoutSecret({
      id,
      createdAt,
      resource: name,
      groups: [...alternate(generatedGroups, index)],
    });
  const timestamp = createTimestamps(now);

  function issue(token: ServingToken): IssuedServingToken {
    const value = createJwtSecret(randomBytes, token);
    store.put(token, value);
    return { ...token, token: value };
  }

  return {
    create: (spec) => issue({ id: createUuid(randomBytes), createdAt: timestamp(), ...spec }),
    regenerate(id) {
      const token = store.get(id);
      return token && issue(token);
    },
    get: (id) => store.get(id),
    list: () => store.list(),
    delete: (id) => store.delete(id),
  };
}

/**
 * Returns a secret in the form of a JWT. The signature is random, since clients must treat the
 * secret as opaque.
 */
function createJwtSecret(randomBytes: SandboxRuntime["randomBytes"], { id, groups }: ServingToken) {
  const parts = [
    { alg: "HS256", typ: "JWT" },
    { sub: id, groups },
  ];
  return [
    ...parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")),
    createSecret(randomBytes, 32, "base64url"),
  ].join(".");
}
