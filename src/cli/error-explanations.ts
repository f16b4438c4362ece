import { type ErrorCode, exitCodes } from "../errors.ts";

/** What an error's code stands for, for people. */
export interface Explanation {
  readonly meaning: string;
  /** How it comes about. */
  readonly causes: readonly string[];
  /** What to do, the likeliest first. */
  readonly remedies: readonly string[];
}

/** Every code that a run can end with, but for success. */
export const explanations: Readonly<Record<ErrorCode, Explanation>> = {
  unexpected: {
    meaning: "a bug in tokctl, or output that can't be written",
    causes: [
      "Something happened that tokctl has no words for.",
      "The disk or device that stdout goes to is full or broken.",
    ],
    remedies: [
      "Run it once more with --debug, which shows where in the program it happened and no secrets, and report that.",
      "Look where stdout goes.",
    ],
  },
  usage: {
    meaning: "a wrong invocation, or input that the API refused",
    causes: [
      "A command, an option or a value is misspelt, missing, or one too many.",
      "The provider has no such thing: a label selector, an expiry, another user's tokens.",
      "A profile, a file or a variable holds something else than it should.",
      "The API refused what was sent (HTTP 400, 405, 413 or 422).",
    ],
    remedies: [
      "The message says what is wrong, and the line behind it what was perhaps meant.",
      "tokctl COMMAND --help shows what a command takes, with examples.",
      "tokctl doctor checks profiles, files and variables.",
    ],
  },
  not_found: {
    meaning: "no such token, app, job or notebook",
    causes: [
      "The name or id is misspelt, or the token was deleted.",
      "It is in another region, project or namespace, or belongs to another user.",
    ],
    remedies: [
      "tokctl token list shows the tokens there are.",
      "tokctl profile show shows where it was looked for; -p NAME, --region, --project and --user look elsewhere.",
      "tokctl token delete TOKEN --missing-ok accepts that it is gone.",
    ],
  },
  unauthenticated: {
    meaning: "no credential, or one that was refused",
    causes: [
      "Nobody has signed in for this profile, and no option or variable holds a credential.",
      "The credential has expired, was renewed or deleted, or is for another region or server (HTTP 401).",
      "A credential was not sent, for it belongs to another address.",
    ],
    remedies: [
      "tokctl login signs in anew.",
      "--app-token-file FILE passes another credential; in CI, replace the secret behind TOKCTL_APP_TOKEN.",
      "tokctl doctor shows which credential is used, and where it came from.",
    ],
  },
  forbidden: {
    meaning: "the credential may not do that",
    causes: [
      "Its role reads only, or it is limited to what bears a label (HTTP 402 or 403).",
      "It asks for a role that its user has not, or for another user's tokens.",
    ],
    remedies: [
      "tokctl whoami shows what the credential may do; tokctl help scopes tells what roles allow.",
      "Sign in with a credential that may, or ask an administrator for the role.",
    ],
  },
  conflict: {
    meaning: "it exists already, or what was given fits several",
    causes: [
      "A token of that name exists.",
      "Several tokens bear the name, or their ids begin with what was given.",
    ],
    remedies: [
      "tokctl token renew TOKEN gives the one that exists a new secret.",
      "Give the whole id: the message lists those that fit.",
    ],
  },
  rate_limited: {
    meaning: "too many requests",
    causes: [
      "The server asks for a pause (HTTP 429), again and again or for longer than --timeout: others may use the same credential.",
    ],
    remedies: [
      "Wait as long as the message says, and run it again.",
      "Or let it wait by itself: a longer --timeout, more --retries.",
    ],
  },
  network: {
    meaning: "the server can't be reached, or its answer got lost and nothing can have happened",
    causes: [
      "The name is not known, nothing listens there, or it took longer than --timeout.",
      "Its certificate is not accepted, or it wants one of yours.",
      "A proxy stands between, or is missing.",
    ],
    remedies: [
      "tokctl doctor tries each step of the way: name, proxy, certificate, clock.",
      "It is safe to run the same command again: what had been made was deleted again, and that is said.",
    ],
  },
  partial: {
    meaning: "some or all of several failed",
    causes: [
      "Of several things that were to be deleted some could not be.",
      "A secret did not reach all the places that --to names.",
    ],
    remedies: [
      "The message says what kept each of them; in json and yaml each has its own error.",
      "What to do about a secret that did not arrive, it says too: it may have to be renewed.",
      "Run a delete again with --missing-ok: those that are gone count as done.",
    ],
  },
  outcome_unknown: {
    meaning: "a secret may have been made, and is lost",
    causes: [
      "A create or renew was sent and its answer got lost: it may have happened.",
      "The server, or a gateway before it, failed with it in hand (HTTP 5xx), or its answer makes no sense.",
      "A renewed secret could not be written to stdout, or kept in the profile.",
    ],
    remedies: [
      "The message says what is known of it, and what to do.",
      "tokctl recover looks once more for what could not be told, and finishes it; --on-lost says how.",
      "Don't repeat a create blindly: tokctl token list shows whether the token exists.",
    ],
  },
  expiring: {
    meaning: "list --expiring-within … --exit-code found some",
    causes: ["Tokens end within the time that was asked about. Nothing failed."],
    remedies: ["tokctl token renew TOKEN, with --expires-at where the provider has it."],
  },
  server_error: {
    meaning: "the server failed, or what answered is not the API",
    causes: [
      "The server has a fault (HTTP 5xx) that --retries did not outlast.",
      "It answered with a redirect or a web page: the URL is not the API's own, or a proxy wants a sign-in.",
      "Its version is another than the one that this tokctl speaks.",
    ],
    remedies: [
      "Compare the URL with the API's own: tokctl profile show.",
      "Try again later; the request id in the message helps the server's support.",
    ],
  },
  interrupted: {
    meaning: "^C, or no to a question",
    causes: ["Somebody stopped it, or a question was left unanswered."],
    remedies: ["Run it again; -y skips the questions of delete and renew."],
  },
  terminated: {
    meaning: "asked to stop (SIGTERM), or its terminal was closed (SIGHUP)",
    causes: ["The system, a time limit, a job's end or the end of its terminal stopped it."],
    remedies: ["Look what stopped it, and run it again."],
  },
};

/** The codes, in the order of their numbers. */
export const errorCodes = Object.keys(exitCodes) as readonly ErrorCode[];
