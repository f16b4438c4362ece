import { type ErrorCode, exitCodes } from "../errors.ts";

/** The description of an error code that `tokctl explain` prints. */
export interface Explanation {
  /** One line, also shown in the table of exit codes. */
  readonly meaning: string;
  readonly causes: readonly string[];
  /** The next steps, the most likely first. */
  readonly remedies: readonly string[];
}

/** The explanation of every error code. */
export const explanations: Readonly<Record<ErrorCode, Explanation>> = {
  unexpected: {
    meaning: "unexpected error: a bug in tokctl, or stdout is not writable",
    causes: [
      "A bug in tokctl.",
      "The disk or device behind stdout is full (ENOSPC) or faulty (EIO).",
    ],
    remedies: [
      "Run the command again with --debug and report the stack trace. It contains no secrets.",
      "Check the free space of the disk that stdout is redirected to.",
    ],
  },
  usage: {
    meaning: "invalid command line, configuration or input",
    causes: [
      "A command, option or value is misspelled, missing or not allowed.",
      "The provider does not support the feature, for example label selectors or expiry.",
      "A profile, a file or an environment variable has an invalid value.",
      "The API rejected the request (HTTP 400, 405, 413 or 422).",
    ],
    remedies: [
      "Run tokctl COMMAND --help for the arguments, options and examples of a command.",
      "Run tokctl doctor to check profiles, files and environment variables.",
    ],
  },
  not_found: {
    meaning: "token, app, job or notebook not found",
    causes: [
      "The name or ID is misspelled, or the token was deleted.",
      "It is in another region, project or namespace, or belongs to another user.",
    ],
    remedies: [
      "Run tokctl token list to list the existing tokens.",
      "Run tokctl profile show for the region, project and user in use. Change them with -p, --region, --project or --user.",
      "In scripts, use tokctl token delete TOKEN --missing-ok to ignore tokens that don't exist.",
    ],
  },
  unauthenticated: {
    meaning: "no credential, or the credential was rejected (401)",
    causes: [
      "The profile has no credential, and none is set by an option or environment variable.",
      "The credential is expired, renewed or deleted, or belongs to another region or server (HTTP 401).",
      "The credential was not sent because it belongs to another server.",
    ],
    remedies: [
      "Run tokctl login to sign in again.",
      "Pass another credential with --app-token-file FILE. In CI, update the TOKCTL_APP_TOKEN secret.",
      "Run tokctl doctor to see which credential is used and where it is set.",
    ],
  },
  forbidden: {
    meaning: "the credential does not have permission (403)",
    causes: [
      "The role of the credential is read-only, or its label selector excludes the resource (HTTP 402 or 403).",
      "The command assigns a role that the user does not have, or accesses another user's tokens.",
    ],
    remedies: [
      "Run tokctl whoami for the roles of the credential, and tokctl help scopes for the permissions of each role.",
      "Sign in with a credential that has the permission, or ask an administrator for the role.",
    ],
  },
  conflict: {
    meaning: "the token already exists, or the name or ID is ambiguous",
    causes: [
      "A token with this name already exists.",
      "Several tokens have this name, or an ID that starts with this prefix.",
      "With --if-exists renew: the existing token has another role, label selector or resource.",
    ],
    remedies: [
      "Run tokctl token renew TOKEN to give the existing token a new secret.",
      "To replace a token by one with another scope: tokctl token create NAME --if-exists replace",
      "Pass the full ID. The message lists the matching tokens.",
    ],
  },
  rate_limited: {
    meaning: "too many requests (429)",
    causes: [
      "The server limits requests (HTTP 429), and the limit did not end within --retries and --timeout. Other programs may use the same credential.",
    ],
    remedies: [
      "Wait for the time in the message, and run the command again.",
      "Increase --timeout and --retries to wait automatically.",
    ],
  },
  network: {
    meaning: "the server is unreachable, or the connection failed; no token was left behind",
    causes: [
      "The host name does not resolve, the connection was refused, or the request timed out (--timeout).",
      "The server's certificate is not trusted, or the server requires a client certificate.",
      "A proxy rejects the connection, or a required proxy is not configured.",
    ],
    remedies: [
      "Run tokctl doctor to check DNS, proxy, TLS certificate and clock.",
      "Run the same command again: it is safe. If a token was created, it has been deleted.",
    ],
  },
  partial: {
    meaning: "some or all of several operations failed",
    causes: [
      "Some of several tokens or resources could not be deleted.",
      "The secret could not be written to every destination (--to).",
    ],
    remedies: [
      "Read the message for the cause of each failure. In JSON and YAML output, each item has its own error.",
      "If a secret was not delivered, follow the hint: the token may have to be renewed.",
      "Run a failed delete again with --missing-ok, which ignores those already deleted.",
    ],
  },
  outcome_unknown: {
    meaning: "a token may have been created or renewed, but its secret is lost",
    causes: [
      "The response to a create or renew request was lost, so its outcome is unknown.",
      "The server or a gateway failed during the request (HTTP 5xx), or the response is not valid.",
      "The new secret could not be written to stdout or saved in the profile.",
    ],
    remedies: [
      "Read the message for the known state of the token, and the hint for the next step.",
      "Run tokctl recover to finish interrupted create and renew operations; --on-lost chooses how.",
      "Don't repeat a create before tokctl token list shows whether the token exists.",
    ],
  },
  expiring: {
    meaning: "list --expiring-within … --exit-code found expiring tokens",
    causes: ["Tokens expire within the given time. No operation failed."],
    remedies: ["Run tokctl token renew TOKEN."],
  },
  server_error: {
    meaning: "the server failed (5xx), or the response is not from the API",
    causes: [
      "The server returned an error (HTTP 5xx), also after --retries.",
      "The server returned a redirect or a web page: the base URL is wrong, or a proxy requires a sign-in.",
      "The API version of the server is not compatible with this version of tokctl.",
    ],
    remedies: [
      "Run tokctl profile show and check the base URL.",
      "Try again later. Include the request ID of the message in a report to the support of the service.",
    ],
  },
  interrupted: {
    meaning: "interrupted with Ctrl+C, or a confirmation was declined",
    causes: ["Ctrl+C was pressed, or a prompt was declined or canceled."],
    remedies: ["Run the command again. With -y, delete and renew don't ask for confirmation."],
  },
  terminated: {
    meaning: "terminated by SIGTERM or SIGHUP",
    causes: [
      "The system, a time limit or the end of a job stopped tokctl, or the terminal closed.",
    ],
    remedies: ["Find the cause of the signal, and run the command again."],
  },
};

/** All error codes, in the order of their exit codes. */
export const errorCodes = Object.keys(exitCodes) as readonly ErrorCode[];
