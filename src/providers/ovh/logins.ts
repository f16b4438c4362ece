import {
  createTokenLogin,
  type LoginMethod,
  type LoginRequest,
  secretAnswer,
  textAnswer,
} from "../../core/login-method.ts";

const applicationKey = { option: "application-key", title: "application key", isSecret: false };
const applicationSecret = {
  option: "application-secret-file",
  title: "application secret",
  isSecret: true,
};
const consumerKey = { option: "consumer-key-file", title: "consumer key", isSecret: true };

const clientId = {
  option: "client-id",
  title: "client ID of the service account",
  isSecret: false,
  setting: "clientId",
} as const;
const clientSecret = {
  option: "client-secret-file",
  title: "client secret",
  isSecret: true,
  isPassword: true,
};
const oauthUrl = {
  option: "oauth-url",
  title: "OAuth token URL (default: OVHcloud's)",
  isSecret: false,
  setting: "oauthUrl",
  isOptional: true,
} as const;

const application = ({ answers }: LoginRequest) => ({
  applicationKey: textAnswer(answers, applicationKey),
  applicationSecret: secretAnswer(answers, applicationSecret),
});

/**
 * Returns the sign-in methods of an API below OVHcloud's public API.
 * @param methods the HTTP methods that a new consumer key must allow.
 */
export const createOvhLogins = (methods: readonly string[]): readonly LoginMethod[] => [
  {
    id: "ovh-conf",
    title: "OVH_* variables or an ovh.conf of OVHcloud's tools",
    fields: [],
    findsUrl: true,
    signIn: async (request) => (await import("./sign-in.ts")).findOvhLogin(request),
  },
  {
    id: "application",
    title: "application key, application secret and consumer key",
    fields: [applicationKey, applicationSecret, consumerKey],
    signIn: async (request) => ({
      credential: {
        kind: "application",
        ...application(request),
        consumerKey: secretAnswer(request.answers, consumerKey),
      },
    }),
  },
  {
    id: "consumer-key",
    title: "application key and secret, with a new consumer key that you confirm in a browser",
    fields: [applicationKey, applicationSecret],
    isInteractive: true,
    signIn: async (request) =>
      (await import("./sign-in.ts")).requestConsumerKey(request, application(request), methods),
  },
  {
    id: "service-account",
    title: "service account: client ID and client secret (OAuth 2.0)",
    fields: [clientId, clientSecret, oauthUrl],
    async signIn({ answers, url, transport }) {
      if (!url) throw new Error("the base URL is required");
      const { signInServiceAccount } = await import("./sign-in.ts");
      const credential = await signInServiceAccount(transport, url, {
        clientId: textAnswer(answers, clientId),
        clientSecret: secretAnswer(answers, clientSecret),
        oauthUrl: Object.hasOwn(answers, oauthUrl.option)
          ? textAnswer(answers, oauthUrl)
          : undefined,
      });
      return { credential };
    },
  },
  createTokenLogin("access token"),
];
