import type { Surroundings } from "../api.ts";
import { createTimestamps } from "../ovh-ai/timestamps.ts";
import { createUuid } from "../ovh-ai/uuid.ts";
import { createSecret, TokenStore } from "../store.ts";
import type { ServingSpec } from "./spec.ts";

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
export function createServingTokens({ now, randomBytes }: Surroundings): ServingTokens {
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
function createValue(randomBytes: Surroundings["randomBytes"], { id, groups }: ServingToken) {
  const parts = [
    { alg: "HS256", typ: "JWT" },
    { sub: id, groups },
  ];
  return [
    ...parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")),
    createSecret(randomBytes, 32, "base64url"),
  ].join(".");
}
