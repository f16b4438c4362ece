import { defineSupports, type Provider } from "../../core/provider.ts";
import { aiReservedLabels, aiRoles } from "../ovh/ai-roles.ts";
import { basePath, confPaths, endpoints, readOvhVariables } from "../ovh/endpoints.ts";
import { createOvhLogins } from "../ovh/logins.ts";

/**
 * AI tokens of a project in OVHcloud's public API (`/cloud/project/{project}/ai/token`).
 * @see https://eu.api.ovh.com/console/
 */
export const ovhCloud: Provider = {
  id: "ovh-cloud",
  title: "OVHcloud public API",
  roles: aiRoles,
  reservedLabels: aiReservedLabels,
  supports: defineSupports({
    names: true,
    labels: true,
    softExpiry: true,
    creationTimes: true,
    projects: true,
    tokenRegions: true,
    serverIds: true,
  }),
  requiredRefs: ["project"],
  regionUrls: {},
  endpoints,
  basePath,
  logins: createOvhLogins(["GET", "POST", "DELETE"]),
  platformLoginFile: {
    paths: confPaths,
    parse: async (text) => (await import("../ovh/sign-in.ts")).parseOvhConf(text),
  },
  readEnvironment: readOvhVariables,
  clockPath: "/auth/time",
  notFoundHint: "Check --project. To list the tokens of all regions: tokctl token list",
  connect: async (connection) => (await import("./connect.ts")).connect(connection, ovhCloud),
};
