import type { Provider } from "../../core/provider.ts";
import { endpoints, fromEnvironment } from "../ovh-api/endpoints.ts";
import { logins } from "../ovh-api/logins.ts";

/** ML Serving tokens of a namespace (`/cloud/project/{project}/ai/serving/{namespace}/token`). */
export const ovhServing: Provider = {
  id: "ovh-serving",
  title: "OVHcloud ML Serving",
  roles: [
    { name: "model-management", description: "deploy, update and delete models" },
    { name: "model-evaluation", description: "call a model" },
  ],
  supports: {
    names: false,
    labels: false,
    expiry: false,
    descriptions: false,
    resourcePatterns: true,
    resources: false,
    users: false,
    projects: true,
    namespaces: true,
    tokenRegions: false,
    renewChanges: false,
    userHeader: false,
    manyRoles: true,
    defaultRoles: false,
    customRoles: false,
    serverIds: true,
  },
  needs: ["project", "namespace"],
  hosts: {},
  endpoints,
  logins,
  fromEnvironment,
  notFoundHint: "tokctl token list shows what there is; see also --project and --namespace.",
  connect: async (connection) => (await import("./connect.ts")).connect(connection),
};
