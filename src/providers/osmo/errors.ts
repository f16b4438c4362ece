import { CliError, type ErrorCode, NotFoundError, UsageError } from "../../errors.ts";
import type { HttpResponse } from "../../http/response.ts";
import { codeIfLost, type ErrorResponse } from "../../http/status-errors.ts";

/**
 * What the service means by `400 USER`, which it uses for everything: told apart by the text alone.
 * The first pattern that fits decides.
 */
const meanings: readonly (readonly [RegExp, ErrorCode, hint: string])[] = [
  [
    /^access token (has invalid length|is invalid|has expired)/i,
    "unauthenticated",
    "Pass another access token with --app-token-file or TOKCTL_APP_TOKEN.",
  ],
  [/already exists/i, "conflict", "tokctl token renew gives it a new secret."],
  [/does not exist|not found/i, "not_found", "The name may be unknownWord."],
];

/** Of what is not found, this is the token itself, and not its user or a role. */
const tokenNotFound = /^(access )?token .* (does not exist|not found)/i;

/** What the service says of the roles of a token that its user can't give. */
const rolesRefused: readonly (readonly [RegExp, ErrorCode])[] = [
  [/does not have all the requested roles/i, "forbidden"],
  [/at least one role must be specified/i, "usage"],
];

/** The service refuses the roles of a token, because its user does not have them. Nothing was created. */
export class RolesError extends CliError {
  override name = "RolesError";
}

/** What the service says of an expiry that is too far away. */
const lifetimeRefused = /expiration date cannot be more than (\w+) from now/i;

/** The service refuses an expiry, because it is later than its maximum. Nothing was created. */
export class LifetimeError extends UsageError {
  override name = "LifetimeError";
  /** The longest life of a token, as the service writes it: `365d`. */
  readonly maximum: string;
  constructor(maximum: string, ...args: ConstructorParameters<typeof UsageError>) {
    super(...args);
    this.maximum = maximum;
  }
}

const databaseFault = "DATABASE";

/** A fault of the service's database passes: a reading or a deletion may be repeated. */
export const isDatabaseFault = ({ status, json }: Pick<HttpResponse, "status" | "json">): boolean =>
  status === 400 && errorCodeOf(json) === databaseFault;

/**
 * The service's own reading of a refusal; what it leaves undefined goes by its status.
 * @param user whom the request only names, if it brings no credential.
 */
export function toOsmoError(
  refusal: ErrorResponse,
  user: string | undefined,
): CliError | undefined {
  const { status, url, body, requestId } = refusal;
  const fail = (code: ErrorCode, sentence: string, hint: string) =>
    new CliError(code, sentence, { hint, requestId });
  if (status === 401 && user !== undefined)
    return fail(
      "unauthenticated",
      `${url.origin} requires signing in: it does not accept the user name "${user}" alone (401${refusal.message ? `: ${refusal.message}` : ""}).`,
      `Sign in with tokctl login osmo ${url.origin}, or pass an access token with --app-token-file.`,
    );
  // A 303 to what changes something may say where its result is.
  if (status === 302 || (status === 303 && refusal.ifLost === undefined))
    return fail(
      "unauthenticated",
      `${url.origin} answers with a page to sign in (${status}) instead of the API.`,
      "A proxy in front of it does not accept this credential: pass another with --app-token-file.",
    );
  const words = wordsOf(body);
  if (words === undefined) return undefined;
  if (status === 404)
    return fail(
      "server_error",
      `${url.origin} has no ${url.pathname} (404): ${words}`,
      "Is the URL the service's own?",
    );
  if ([400, 405, 422].includes(status)) return explainWords(words, errorCodeOf(body), refusal);
  return undefined;
}

function explainWords(
  words: string,
  errorCode: unknown,
  { method, url, status, requestId, ifLost }: ErrorResponse,
): CliError {
  const sentence = `${url.origin} refused the request (${status}): ${words}`;
  if (errorCode === databaseFault)
    return new CliError(
      codeIfLost({ method, ifLost }, "server_error"),
      `${url.origin} has trouble with its database (${status}): ${words}`,
      {
        hint: ifLost ?? "Try again later.",
        requestId,
      },
    );
  if (errorCode === "OSMO_ERROR")
    return /expired/i.test(words)
      ? new CliError("unauthenticated", sentence, {
          hint: "The access token in use has expired: pass another.",
          requestId,
        })
      : new CliError("server_error", sentence, {
          hint: "This tokctl is too old for the service: update it.",
          requestId,
        });
  const [, rolesCode] = rolesRefused.find(([pattern]) => pattern.test(words)) ?? [];
  if (rolesCode !== undefined)
    return new RolesError(rolesCode, sentence, {
      hint: "A token has roles that its user has.",
      requestId,
    });
  const maximum = lifetimeRefused.exec(words)?.[1];
  if (maximum !== undefined)
    return new LifetimeError(maximum, sentence, {
      hint: `The maximum of this service is ${maximum}: give an earlier date with -e.`,
      requestId,
    });
  if (tokenNotFound.test(words))
    return new NotFoundError(sentence, {
      hint: "tokctl token list shows what there is.",
      requestId,
    });
  const [, code, hint] = meanings.find(([pattern]) => pattern.test(words)) ?? [
    undefined,
    "usage" as const,
    "The words behind the colon are the service's own.",
  ];
  return new CliError(code, sentence, { hint, requestId });
}

const errorCodeOf = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "error_code" in body ? body.error_code : undefined;

/**
 * The words in the three shapes of an error's body. Of a list of invalid fields only where and why:
 * its `input` may be a secret.
 */
function wordsOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  if ("message" in body && typeof body.message === "string") return body.message.slice(0, 500);
  if (!("detail" in body)) return undefined;
  if (typeof body.detail === "string") return body.detail.slice(0, 500);
  if (!Array.isArray(body.detail)) return undefined;
  return body.detail.map(fieldWords).join("; ").slice(0, 500);
}

function fieldWords(field: unknown): string {
  if (typeof field !== "object" || field === null) return "a field is invalid";
  const where = "loc" in field && Array.isArray(field.loc) ? `${field.loc.join(".")}: ` : "";
  return `${where}${"msg" in field && typeof field.msg === "string" ? field.msg : "invalid"}`;
}
