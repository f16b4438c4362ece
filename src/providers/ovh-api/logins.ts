import { answerOf, type LoginMethod, tokenLogin } from "../../core/provider.ts";

const applicationKey = { option: "application-key", title: "application key", secret: false };
const applicationSecret = {
  option: "application-secret-file",
  title: "application secret",
  secret: true,
};
const consumerKey = { option: "consumer-key-file", title: "consumer key", secret: true };

/** The ways to sign in to OVHcloud's public API. */
export const logins: readonly LoginMethod[] = [
  {
    id: "ovh-conf",
    title: "what OVHcloud's tools keep: OVH_* variables or an ovh.conf",
    fields: [],
    findsUrl: true,
    signIn: async (request) => (await import("./ovh-conf.ts")).findLogin(request),
  },
  {
    id: "application",
    title: "application key, application secret and consumer key",
    fields: [applicationKey, applicationSecret, consumerKey],
    signIn: async ({ answers }) => ({
      credential: {
        kind: "application",
        applicationKey: answerOf(answers, applicationKey).reveal(),
        applicationSecret: answerOf(answers, applicationSecret),
        consumerKey: answerOf(answers, consumerKey),
      },
    }),
  },
  tokenLogin("access token"),
];
