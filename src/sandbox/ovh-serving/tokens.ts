import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { parseBody } from "../http.ts";
import { createTimestamps, createUuid } from "../ovh-ai/wire.ts";
import { createSecret, TokenStore } from "../store.ts";

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
  resource: "must be 1 to 50 letters, digits, - and ., of which the last may be *",
  groups: `must be one or both of ${groups.join(", ")}`,
};

/** What a token opens: the models whose id is `resource`, or starts with it, for these groups. */
export type ServingSpec = v.InferOutput<typeof Schema>;

/** Reads the body of a create request. */
export function parseServingSpec(body: string): ServingSpec {
  return parseBody(body, Schema, rules);
}

/** A token as the API shows it: `Token` of the API. */
export interface ServingToken extends ServingSpec {
  readonly id: string;
  readonly createdAt: string;
}

/** A token with its value, as only the replies to create and regenerate have it. */
export interface IssuedServingToken extends ServingToken {
  readonly token: string;
}

/** The tokens of one namespace and what can be done with them; `undefined` and `false` mean: unknown id. */
export interface ServingTokens {
  create(spec: ServingSpec): IssuedServingToken;
  get(id: string): ServingToken | undefined;
  list(): readonly ServingToken[];
  regenerate(id: string): IssuedServingToken | undefined;
  delete(id: string): boolean;
}

/** A namespace without tokens. */
export function createServingTokens({ now, randomBytes }: SandboxRuntime): ServingTokens {
  const store = new TokenStore<ServingToken>();
  const timestamp = createTimestamps(now);

  function issue(token: ServingToken): IssuedServingToken {
    const value = createValue(randomBytes, token);
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

/** A JWT by its looks. Its signature is random bytes: nobody is to check it, or read what it says. */
function createValue(randomBytes: SandboxRuntime["randomBytes"], { id, groups }: ServingToken) {
  const parts = [
    { alg: "HS256", typ: "JWT" },
    { sub: id, groups },
  ];
  return [
    ...parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")),
    createSecret(randomBytes, 32, "base64url"),
  ].join(".");
}
