import type { Operation } from "./fault.ts";

/** The command of an operation, and the request of it that meets the fault. */
export interface Step {
  readonly line: string;
  readonly method: string;
  readonly path: RegExp;
}

/** Calls the sandbox, as whoever the commands run as. */
export type Call = (method: string, path: string, body?: unknown) => Promise<Response>;

/** One API, and how its tokens are made and counted without tokctl. */
export interface Api {
  readonly id: string;
  readonly title: string;
  /** What stands behind the origin in the base URL. */
  readonly base: string;
  /** The path of its list of tokens. */
  tokens(environment: Readonly<Record<string, string | undefined>>): string;
  /** `ID` stands for a token that is there, `NEW` for a name that is free. */
  readonly operations: Readonly<Record<Operation, Step>>;
  /** The request that makes a token; the name is used where tokens have one. */
  creation(name: string): {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
  };
  /** The id in the answer to it. */
  idOf(answer: unknown, name: string): string;
  /** The ids or names in a list, of those that a create has made. */
  made(list: unknown): readonly unknown[];
  /** What the credential is exchanged for before a call. */
  readonly exchange?: string;
}

const path = { list: /\/token(\?|$)/, one: /\/token\/[^/]+$/, renew: /\/renew$/ };
const byId = (answer: unknown) => (answer as { readonly id: string }).id;
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
    // The service has no renewal: this is the request that makes the token again.
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

/** Every API, by its provider's id. */
export const apis = { "ovh-ai": ovhAi, "ovh-cloud": ovhCloud, "ovh-serving": ovhServing, osmo };
