import { defineSupports, type Provider } from "../../core/provider.ts";
import { basePath, endpoints, readOvhVariables } from "../ovh/endpoints.ts";
import { createOvhLogins } from "../ovh/logins.ts";

/**
 * ML Serving tokens of a namespace (`/cloud/project/{project}/ai/serving/{namespace}/token`).
 * @see https://serving-doc-mlg.ai.ovh.net/component/tokens.html
 */
export const ovhServing: Provider = {
  id: "ovh-serving",
  title: "OVHcloud ML Serving",
  roles: [
    { name: "model-evaluation", description: "call a model" },
    { name: "model-management", description: "deploy, update and delete models" },
  ],
  supports: defineSupports({
    creationTimes: true,
    resourcePatterns: true,
    projects: true,
    namespaces: true,
    manyRoles: true,
    serverIds: true,
  }),
  requiredRefs: ["project", "namespace"],
  resourceRule: {
    pattern: /^(?=.{1,50}$)([A-Za-z0-9.-]+\*?|\*)$/,
    words: "A resource has at most 50 letters, digits, - and ., and may end with one *.",
  },
  regionUrls: {},
  endpoints,
  basePath,
  // PUT regenerates a token.
  logins: createOvhLogins(["GET", "POST", "PUT", "DELETE"]),
  readEnvironment: readOvhVariables,
  clockPath: "/auth/time",
  notFoundHint: "Check --project and --namespace. To list the existing tokens: tokctl token list",
  connect: async (connection) => (await import("./connect.ts")).connect(connection, ovhServing),
};
