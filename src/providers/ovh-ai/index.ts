import {
  createTokenLogin,
  type LoginMethod,
  passwordField,
  secretAnswer,
  textAnswer,
  usernameField,
} from "../../core/login-method.ts";
import { defineSupports, type Provider } from "../../core/provider.ts";
import { aiReservedLabels, aiRoles } from "../ovh/ai-roles.ts";

const clientId = {
  option: "client-id",
  title: "client ID",
  isSecret: false,
  setting: "clientId",
} as const;
const clientSecret = {
  option: "client-secret-file",
  title: "client secret",
  isSecret: true,
  isPassword: true,
};

/** OVHcloud's OAuth client is not public, so users must register one. */
const openStackUser: LoginMethod = {
  id: "password",
  title: "OpenStack user and password, with an OAuth client of your own",
  fields: [clientId, clientSecret, usernameField, passwordField],
  signIn: async (request) =>
    (await import("./sign-in.ts")).signInOpenStackUser(request, {
      clientId: textAnswer(request.answers, clientId),
      clientSecret: secretAnswer(request.answers, clientSecret),
      username: textAnswer(request.answers, usernameField),
      password: secretAnswer(request.answers, passwordField),
    }),
};

/**
 * The OVHcloud AI regional API (`/v1/token` at the host of a region).
 * @see https://gra.ai.cloud.ovh.net/
 */
export const ovhAi: Provider = {
  id: "ovh-ai",
  title: "OVHcloud AI",
  roles: aiRoles,
  supports: defineSupports({
    names: true,
    labels: true,
    softExpiry: true,
    creationTimes: true,
    resources: true,
    tokenChecks: true,
    serverIds: true,
  }),
  logins: [createTokenLogin("app token"), openStackUser],
  secretRule: {
    pattern: /^[\w+/.-]+=*$/,
    words:
      "A token is Base64 or a JWT: letters, digits and + / = - _ . only. Copy the complete token, without other text.",
  },
  requiredRefs: [],
  regionUrls: {
    GRA: "https://gra.ai.cloud.ovh.net",
    BHS: "https://bhs.ai.cloud.ovh.net",
  },
  reservedLabels: aiReservedLabels,
  requestPathPrefix: "/v1",
  notFoundHint:
    "A token exists only in the region where it was created: check --region. To list the existing tokens: tokctl token list",
  connect: async (connection) => (await import("./connect.ts")).connect(connection, ovhAi),
};
