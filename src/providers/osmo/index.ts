import { join } from "node:path";
import {
  createTokenLogin,
  type LoginMethod,
  passwordField,
  textAnswer,
  usernameField,
} from "../../core/login-method.ts";
import { defineSupports, type Provider } from "../../core/provider.ts";

const user = { option: "user-header", title: "user", isSecret: false };

const browser: LoginMethod = {
  id: "browser",
  title: "browser on this machine",
  fields: [],
  isInteractive: true,
  opensBrowser: true,
  signIn: async (request) => (await import("./sign-in.ts")).signInWithBrowser(request),
};

const device: LoginMethod = {
  id: "device",
  title: "code that you enter on another device",
  fields: [],
  isInteractive: true,
  signIn: async (request) => (await import("./sign-in.ts")).signInWithDevice(request),
};

const passwords: LoginMethod = {
  id: "password",
  title: "user name and password",
  fields: [usernameField, passwordField],
  signIn: async (request) =>
    (await import("./sign-in.ts")).signInWithPassword(request, {
      username: usernameField,
      password: passwordField,
    }),
};

/** Developer mode: a service without sign-in accepts the user name in a header. */
const developer: LoginMethod = {
  id: "dev",
  title: "user name only (development services without sign-in)",
  fields: [user],
  signIn: async ({ answers }) => ({
    credential: { kind: "user", user: textAnswer(answers, user) },
  }),
};

/** The rule for token names. */
const nameRule = {
  pattern: /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
  words:
    "A name consists of letters, digits, _ and -. It begins with a letter and ends with a letter or digit.",
};

/** The format of a token's secret: 43 characters, or 64 from older services. */
const secretRule = {
  pattern: /^([\w-]{43}|[\w-]{64})$/,
  words:
    "A token of NVIDIA OSMO has 43 letters, digits, - and _ (64 from an older service). Copy the complete token, without other text.",
};

/**
 * NVIDIA OSMO (`/api/auth/access_token` of a service).
 * @see https://nvidia.github.io/OSMO/
 */
export const osmo: Provider = {
  id: "osmo",
  title: "NVIDIA OSMO",
  roles: [
    { name: "osmo-user", description: "submit and manage workflows" },
    { name: "osmo-default", description: "the rights of every user" },
    { name: "osmo-ctrl", description: "report from inside a running workflow" },
    { name: "osmo-backend", description: "connect a compute backend" },
    { name: "osmo-admin", description: "administer the service: users, roles, pools, settings" },
  ],
  supports: defineSupports({
    names: true,
    expiry: true,
    descriptions: true,
    tokenChecks: true,
    owners: true,
    renewChanges: true,
    userHeader: true,
    manyRoles: true,
    defaultRoles: true,
    customRoles: true,
  }),
  logins: [browser, device, createTokenLogin("access token"), passwords, developer],
  platformLoginFile: {
    paths: ({ OSMO_CONFIG_FILE_DIR, XDG_CONFIG_HOME, HOME }) => {
      const folder =
        OSMO_CONFIG_FILE_DIR ||
        (XDG_CONFIG_HOME && join(XDG_CONFIG_HOME, "osmo")) ||
        (HOME && join(HOME, ".config", "osmo"));
      return folder ? [join(folder, "login.yaml")] : [];
    },
    parse: async (text) => (await import("./login-file.ts")).parseLoginFile(text),
  },
  requiredRefs: [],
  regionUrls: {},
  requestPathPrefix: "/api",
  nameRule,
  secretRule,
  notFoundHint:
    "Tokens of another user require --user and administrator rights. To list the existing tokens: tokctl token list",
  connect: async (connection) => (await import("./connect.ts")).connect(connection, osmo),
};
