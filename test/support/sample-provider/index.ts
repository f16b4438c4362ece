import { createTokenLogin } from "../../../src/core/login-method.ts";
import { defineSupports, type Provider } from "../../../src/core/provider.ts";

/**
 * Acme (`/v1/tokens`).
 * @see https://acme.example/docs/tokens
 */
export const acme: Provider = {
  id: "acme",
  title: "Acme",
  roles: [{ name: "reader", description: "read models" }],
  supports: defineSupports({
    names: true,
    creationTimes: true,
    tokenChecks: true,
    serverIds: true,
  }),
  logins: [createTokenLogin("access token")],
  requiredRefs: [],
  regionUrls: {},
  notFoundHint: "To list the existing tokens: tokctl token list",
  connect: async (connection) => (await import("./connect.ts")).connect(connection, acme),
};
