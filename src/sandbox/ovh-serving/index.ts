import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import * as v from "valibot";
import { toHex } from "../../core/text.ts";
import type { SandboxApi, SandboxRuntime } from "../api.ts";
import {
  alternate,
  createSecret,
  createTimestamps,
  createUuid,
  generateTokens,
} from "../generate.ts";
import { parseBody, refuseOtherMethods } from "../http.ts";
import type { OvhAccount } from "../ovh-cloud/account.ts";
import { answerOvhError } from "../ovh-cloud/authentication.ts";
import { TokenStore } from "../store.ts";

const token = "/1.0/cloud/project/:project/ai/serving/:namespace/token";

/**
 * Emulates the tokens of one ML Serving namespace in a project.
 * @param generatedTokens number of generated tokens that exist at the start.
 * @see https://serving-doc-mlg.ai.ovh.net/component/tokens.html
 */
export function createOvhServing(
  runtime: SandboxRuntime,
  account: OvhAccount,
  generatedTokens = 0,
): SandboxApi {
  const namespace = toHex(runtime.randomBytes(12));
  const tokens = createServingTokens(runtime, generatedTokens);

  const routes = new Hono();
  routes.onError(answerOvhError);
  routes.use(`${token}/*`, account.guard, async (c, next) => {
    if (c.req.param("namespace") !== namespace) notFound("namespace");
    await next();
  });

  routes.get(token, (c) => c.json(tokens.list()));
  routes.post(token, async (c) => c.json(tokens.create(parseServingSpec(await c.req.text()))));
  routes.get(`${token}/:id`, (c) => c.json(tokens.get(c.req.param("id")) ?? notFound("token")));
  routes.delete(`${token}/:id`, (c) =>
    tokens.delete(c.req.param("id")) ? c.json(null) : notFound("token"),
  );
  routes.put(`${token}/:id`, async (c) => {
    if (!["", "null"].includes(await c.req.text()))
      throw new HTTPException(400, { message: "the body must be null: tokens cannot be updated" });
    return c.json(tokens.regenerate(c.req.param("id")) ?? notFound("token"));
  });
  refuseOtherMethods(routes);

  return {
    id: "ovh-serving",
    title: "OVHcloud ML Serving",
    paths: "/1.0/cloud/project/{project}/ai/serving/{namespace}/token",
    routes,
    environment: (url) => ({
      TOKCTL_PROVIDER: "ovh-serving",
      TOKCTL_URL: `${url}/1.0`,
      TOKCTL_PROJECT: account.project,
      TOKCTL_NAMESPACE: namespace,
      TOKCTL_APP_TOKEN: account.credentials.bearerToken,
    }),
  };
}

function notFound(object: "namespace" | "token"): never {
  throw new HTTPException(404, { message: `This ${object} does not exist` });
}

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
 * @param generatedTokens number of generated tokens. The API has no names: their resource is the
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
