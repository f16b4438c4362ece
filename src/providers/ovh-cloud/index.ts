import type { Provider } from "../../core/provider.ts";
import { defineSupports } from "../../core/supports.ts";
import { basePath, confPaths, endpoints, readOvhVariables } from "../ovh/endpoints.ts";
import { logins } from "../ovh/logins.ts";
import { ovhAi, reservedLabels } from "../ovh-ai/index.ts";

/** AI tokens of a project at OVHcloud's public API (`/cloud/project/{project}/ai/token`). */
export const ovhCloud: Provider = {
  id: "ovh-cloud",
  title: "OVHcloud public API",
  roles: ovhAi.roles,
  reservedLabels,
  supports: defineSupports({
    names: true,
    labels: true,
    creationTimes: true,
    projects: true,
    tokenRegions: true,
    serverIds: true,
  }),
  requiredRefs: ["project"],
  regionUrls: {},
  endpoints,
  basePath,
  logins: logins(["GET", "POST", "DELETE"]),
  platformLoginFile: {
    paths: confPaths,
    parse: async (text) => (await import("../ovh/ovh-conf.ts")).parseOvhConf(text),
  },
  readEnvironment: readOvhVariables,
  clockPath: "/auth/time",
  notFoundHint: "tokctl token list shows the tokens of all regions; see also --project.",
  connect: async (connection) => (await import("./connect.ts")).connect(connection, ovhCloud),
};
