import {
  createTokenLogin,
  type LoginMethod,
  secretAnswer,
  textAnswer,
} from "../../core/login-method.ts";
import type { Provider, ReservedLabels } from "../../core/provider.ts";
import { type ResourceAccess, resourceKinds } from "../../core/resource.ts";
import { defineSupports } from "../../core/supports.ts";

const everything: ResourceAccess = { kinds: resourceKinds };
const quantumNotebooks: ResourceAccess = { kinds: ["notebook"], limitedTo: "Quantum Notebooks" };

const clientId = {
  option: "client-id",
  title: "client id",
  isSecret: false,
  setting: "clientId",
} as const;
const clientSecret = { option: "client-secret-file", title: "client secret", isSecret: true };
const username = { option: "username", title: "user name", isSecret: false };
const password = { option: "password-file", title: "password", isSecret: true };

/** OVHcloud's own client for this is not public: the person brings one. */
const openStackUser: LoginMethod = {
  id: "password",
  title: "OpenStack user and password, by an OAuth client of yours",
  fields: [clientId, clientSecret, username, password],
  signIn: async (request) =>
    (await import("./sign-in.ts")).signInOpenStackUser(request, {
      clientId: textAnswer(request.answers, clientId),
      clientSecret: secretAnswer(request.answers, clientSecret),
      username: textAnswer(request.answers, username),
      password: secretAnswer(request.answers, password),
    }),
};

/** The labels that the platform sets itself. */
export const reservedLabels: ReservedLabels = {
  prefix: "ovh/",
  values: new Map([
    [
      "ovh/id",
      {
        pattern: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        words: "the whole id of an app, job or notebook, in lower case",
      },
    ],
    ["ovh/type", { pattern: /^(app|job|notebook)$/, words: "app, job or notebook" }],
  ]),
};

/** The OVHcloud AI regional API (`/v1/token` at a region's own host). */
export const ovhAi: Provider = {
  id: "ovh-ai",
  title: "OVHcloud AI",
  roles: [
    {
      name: "ai_training_read",
      description: "reach what a job, app or notebook serves",
      access: everything,
    },
    {
      name: "ai_training_operator",
      description: "ai_training_read, and manage jobs, apps and notebooks: start, stop, delete",
      access: everything,
    },
    {
      name: "quantum_reader",
      description: "reach what a Quantum Notebook serves",
      access: quantumNotebooks,
    },
    {
      name: "quantum_operator",
      description: "quantum_reader, and manage Quantum Notebooks: start, stop, delete",
      access: quantumNotebooks,
    },
    {
      name: "read",
      description: "old spelling of ai_training_read",
      replacedBy: "ai_training_read",
      access: everything,
    },
    {
      name: "operator",
      description: "old spelling of ai_training_operator",
      replacedBy: "ai_training_operator",
      access: everything,
    },
  ],
  supports: defineSupports({
    names: true,
    labels: true,
    creationTimes: true,
    resources: true,
    checks: true,
    serverIds: true,
  }),
  logins: [createTokenLogin("app token"), openStackUser],
  secretRule: {
    pattern: /^[\w+/.-]+=*$/,
    words:
      "A token is base64 text or a JWT: letters, digits and + / = - _ . only. Copy it whole, without other text.",
  },
  requiredRefs: [],
  regionUrls: {
    GRA: "https://gra.ai.cloud.ovh.net",
    BHS: "https://bhs.ai.cloud.ovh.net",
  },
  reservedLabels,
  requestPathPrefix: "/v1",

  notFoundHint:
    "tokctl token list shows what there is. A token exists only in the region it was made in: see --region.",
  connect: async (connection) => (await import("./connect.ts")).connect(connection, ovhAi),
};
