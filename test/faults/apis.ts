import type { ProviderId } from "../../src/providers/index.ts";
import type { Operation } from "./fault.ts";

/** The command of an operation, and its request that meets the fault. */
export interface Step {
  readonly line: string;
  readonly method: string;
  readonly path: RegExp;
}

/** Calls the sandbox with the credential of the commands. */
export type Call = (method: string, path: string, body?: unknown) => Promise<Response>;

/** One API, and the requests that create and list tokens without tokctl. */
export interface Api {
  readonly id: string;
  readonly title: string;
  /** Path of the base URL. */
  readonly base: string;
  /** Path of the list of tokens. */
  tokens(environment: Readonly<Record<string, string | undefined>>): string;
  /** `ID` is replaced by an existing token, `NEW` by an unused name. */
  readonly operations: Readonly<Record<Operation, Step>>;
  /** The request that creates a token. ML Serving tokens have no name. */
  creation(name: string): {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
  };
  /** Returns the id in the response to `creation`. */
  idOf(response: unknown, name: string): string;
  /** Returns the tokens in a list that `token create` made. */
  made(list: unknown): readonly unknown[];
  /** Path of the exchange of the credential for a JWT, if the API needs one. */
  readonly exchange?: string;
}

const path = { list: /\/token(\?|$)/, one: /\/token\/[^/]+$/, renew: /\/renew$/ };
const byId = (response: unknown) => (response as { readonly id: string }).id;
const isNew = (name: unknown) => typeof name === "string" && /^new\d+$/.test(name);

interface AiToken {
  readonly spec: { readonly name: string };
}
const newAmong = (tokens: readonly AiToken[]) => tokens.filter(({ spec }) => isNew(spec.name));

const ovhAi: Api = {
  id: "ovh-ai",
  title: "OVHcloud AI",
  base: "",
  tokens: () => "/v1/token",
  operations: {
    list: { line: "token list", method: "GET", path: path.list },
    get: { line: "token get ID", method: "GET", path: path.one },
    create: { line: "token create NEW -r ai_training_read", method: "POST", path: path.list },
    delete: { line: "token delete ID", method: "DELETE", path: path.one },
    renew: { line: "token renew ID", method: "POST", path: path.renew },
  },
  creation: (name) => ({ method: "POST", path: "", body: { name, role: "ai_training_read" } }),
  idOf: byId,
  made: (list) => newAmong((list as { readonly items: readonly AiToken[] }).items),
};

const ovhCloud: Api = {
  ...ovhAi,
  id: "ovh-cloud",
  title: "OVHcloud public API",
  base: "/1.0",
  tokens: ({ TOKCTL_PROJECT }) => `/1.0/cloud/project/${TOKCTL_PROJECT}/ai/token`,
  operations: {
    ...ovhAi.operations,
    create: {
      line: "token create NEW -r ai_training_read --region GRA",
      method: "POST",
      path: path.list,
    },
  },
  creation: (name) => ({
    method: "POST",
    path: "",
    body: { name, role: "ai_training_read", region: "GRA" },
  }),
  made: (list) => newAmong(list as readonly AiToken[]),
};

const ovhServing: Api = {
  ...ovhAi,
  id: "ovh-serving",
  title: "OVHcloud ML Serving",
  base: "/1.0",
  tokens: ({ TOKCTL_PROJECT, TOKCTL_NAMESPACE }) =>
    `/1.0/cloud/project/${TOKCTL_PROJECT}/ai/serving/${TOKCTL_NAMESPACE}/token`,
  operations: {
    ...ovhAi.operations,
    create: {
      line: "token create -r model-evaluation --resource iris",
      method: "POST",
      path: path.list,
    },
    renew: { line: "token renew ID", method: "PUT", path: path.one },
  },
  creation: () => ({
    method: "POST",
    path: "",
    body: { resource: "*", groups: ["model-evaluation"] },
  }),
  made: (list) =>
    (list as readonly { readonly resource: string }[]).filter(
      ({ resource }) => resource === "iris",
    ),
};

const osmo: Api = {
  id: "osmo",
  title: "NVIDIA OSMO",
  base: "",
  tokens: () => "/api/auth/access_token",
  operations: {
    list: { line: "token list", method: "GET", path: /\/access_token$/ },
    get: { line: "token get ID", method: "GET", path: /\/access_token$/ },
    create: {
      line: "token create NEW -r osmo-user",
      method: "POST",
      path: /\/auth\/access_token\/new\d+\?/,
    },
    delete: { line: "token delete ID", method: "DELETE", path: /\/access_token\/ci\d+$/ },
    // The service has no renewal: this request creates the token again.
    renew: { line: "token renew ID", method: "POST", path: /\/auth\/access_token\/ci\d+\?/ },
  },
  creation: (name) => ({
    method: "POST",
    path: `/${name}?expires_at=2026-12-24&roles=osmo-user`,
  }),
  idOf: (_, name) => name,
  made: (list) =>
    (list as readonly { readonly token_name: string }[]).filter(({ token_name }) =>
      isNew(token_name),
    ),
  exchange: "/api/auth/jwt/access_token",
};

/** The APIs by provider id. */
export const apis = {
  "ovh-ai": ovhAi,
  "ovh-cloud": ovhCloud,
  "ovh-serving": ovhServing,
  osmo,
} as const satisfies Record<ProviderId, Api>;
