import {
  CliError,
  type ErrorCode,
  NotFoundError,
  UnauthenticatedError,
  UsageError,
} from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { codeIfLost } from "../../http/errors/network-errors.ts";
import {
  describeFailure,
  describeServerMessage,
  describeStatus,
  type ErrorResponse,
} from "../../http/errors/status-errors.ts";
import type { HttpResponse } from "../../http/response.ts";
import { checkUser, ProfileBody, UserRolesBody } from "./wire.ts";

/**
 * Error codes and hints for `400 USER`. Only the text of the message distinguishes the causes. The
 * first match applies.
 */
const userErrors: readonly (readonly [RegExp, ErrorCode, hint: string])[] = [
  [
    /^access token (has invalid length|is invalid|has expired)/i,
    "unauthenticated",
    "Pass another access token with --app-token-file or TOKCTL_APP_TOKEN.",
  ],
  [/already exists/i, "conflict", "To create a new secret for it: tokctl token renew NAME"],
  [/does not exist|not found/i, "not_found", "Check the spelling of the name."],
];

/** Matches the message for a token that does not exist, but not for a missing user or role. */
const tokenNotFound = /^(access )?token .* (does not exist|not found)/i;

/** Messages for roles that the user can't assign. */
const rolesRejected: readonly (readonly [RegExp, ErrorCode])[] = [
  [/does not have all the requested roles/i, "forbidden"],
  [/at least one role must be specified/i, "usage"],
];

/** The service rejected the roles of a token, because its user does not have them. Nothing was created. */
export class RolesError extends CliError {
  override name = "RolesError";
}

/** Matches the message for an expiry later than the maximum. */
const lifetimeRejected = /expiration date cannot be more than (\w+) from now/i;

/** The service rejected an expiry later than its maximum. Nothing was created. */
export class LifetimeError extends UsageError {
  override name = "LifetimeError";
  /** The maximum lifetime of a token in the service's notation: `365d`. */
  readonly maximum: string;
  constructor(maximum: string, ...args: ConstructorParameters<typeof UsageError>) {
    super(...args);
    this.maximum = maximum;
  }
}

const databaseErrorCode = "DATABASE";

/** Returns whether an error response reports a database error, which is transient. */
export const isDatabaseError = ({ status, json }: Pick<HttpResponse, "status" | "json">): boolean =>
  status === 400 && errorCodeOf(json) === databaseErrorCode;

/**
 * Converts an error response of the service. Returns undefined if the general error for its status
 * applies.
 * @param user the user name of a request without a credential, in developer mode.
 */
export function toOsmoError(
  response: ErrorResponse,
  user: string | undefined,
): CliError | undefined {
  const { status, url, body, requestId } = response;
  if (status === 401 && user !== undefined)
    return new UnauthenticatedError(
      `${url.origin} requires a credential, and rejected the user name "${user}": ${describeStatus(401, response.message)}`,
      {
        hint: `Sign in with tokctl login osmo ${url.origin}, or pass an access token with --app-token-file.`,
        requestId,
      },
    );
  // A 303 after a change may be its result (RFC 9110 §15.4.4).
  if (status === 302 || (status === 303 && response.effect.hint === undefined))
    return new UnauthenticatedError(`${url.origin} redirects to a sign-in page (${status}).`, {
      hint: "The gateway rejected the credential. Pass another with --app-token-file.",
      requestId,
    });
  const text = messageOf(body);
  if (text === undefined) return undefined;
  if (status === 404) {
    const { sentence, reason } = describeFailure(response, describeStatus(404, text));
    return new CliError("server_error", sentence, {
      hint: "Check that the URL is the service's own: tokctl doctor",
      reason,
      requestId,
    });
  }
  if ([400, 405, 422].includes(status)) return toMessageError(text, errorCodeOf(body), response);
  return undefined;
}

function toMessageError(text: string, errorCode: unknown, response: ErrorResponse): CliError {
  const { status, requestId, effect } = response;
  const isDatabase = errorCode === databaseErrorCode;
  const cause = `${isDatabase ? "database error: " : ""}${describeStatus(status, text)}`;
  const { sentence, reason } = describeFailure(response, cause);
  const details = { reason, requestId };
  if (isDatabase)
    return new CliError(codeIfLost(effect, "server_error"), sentence, {
      ...details,
      hint: effect.hint ?? "Try again later.",
    });
  if (errorCode === "OSMO_ERROR")
    return /expired/i.test(text)
      ? new CliError("unauthenticated", sentence, {
          ...details,
          hint: "The access token has expired. Pass another with --app-token-file.",
        })
      : new CliError("server_error", sentence, {
          ...details,
          hint: "The service requires a newer client. Update tokctl.",
        });
  const [, rolesCode] = rolesRejected.find(([pattern]) => pattern.test(text)) ?? [];
  if (rolesCode !== undefined)
    return new RolesError(rolesCode, sentence, {
      ...details,
      hint: "A token can only have roles of its user.",
    });
  const maximum = lifetimeRejected.exec(text)?.[1];
  if (maximum !== undefined)
    return new LifetimeError(maximum, sentence, {
      ...details,
      hint: `The maximum lifetime of this service is ${maximum}. Use an earlier date with -e.`,
    });
  if (tokenNotFound.test(text))
    return new NotFoundError(sentence, {
      ...details,
      hint: "To list the existing tokens: tokctl token list",
    });
  const [, code, hint] = userErrors.find(([pattern]) => pattern.test(text)) ?? [
    undefined,
    "usage" as const,
    describeServerMessage(status),
  ];
  return new CliError(code, sentence, { ...details, hint });
}

const errorCodeOf = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "error_code" in body ? body.error_code : undefined;

/**
 * Returns the message of an error body, which has three formats. For a list of invalid fields,
 * omits `input`, which may be a secret.
 */
function messageOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  if ("message" in body && typeof body.message === "string") return body.message.slice(0, 500);
  if (!("detail" in body)) return undefined;
  if (typeof body.detail === "string") return body.detail.slice(0, 500);
  if (!Array.isArray(body.detail)) return undefined;
  return body.detail.map(describeField).join("; ").slice(0, 500);
}

function describeField(field: unknown): string {
  if (typeof field !== "object" || field === null) return "a field is invalid";
  const where = "loc" in field && Array.isArray(field.loc) ? `${field.loc.join(".")}: ` : "";
  return `${where}${"msg" in field && typeof field.msg === "string" ? field.msg : "invalid"}`;
}

/** Awaits a create. If the service rejects its roles, adds the roles of the user to the error's hint. */
export async function withRoleHint<T>(
  http: HttpClient,
  owner: string | undefined,
  create: Promise<T>,
): Promise<T> {
  try {
    return await create;
  } catch (error) {
    if (!(error instanceof RolesError)) throw error;
    const { code, message, reason, requestId } = error;
    const hint = await describeRoles(http, owner);
    throw new CliError(code, message, { hint, reason, requestId });
  }
}

async function describeRoles(http: HttpClient, owner: string | undefined): Promise<string> {
  try {
    const user = owner ?? (await readOsmoProfile(http)).profile.username;
    const { roles } = await http.request("GET /api/auth/user/{user}/roles", UserRolesBody, {
      action: `read the roles of user ${user}`,
      path: { user: checkUser(user) },
    });
    const names = roles.map(({ role_name }) => role_name).join(", ");
    return names === ""
      ? `${user} has no roles. Ask an administrator to assign some.`
      : `${user} has the roles ${names}. Choose from these with -r.`;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `Cannot read the roles of ${owner === undefined ? "your user" : `user ${owner}`}: ${error.reason}`;
  }
}

/** Reads the user, the roles and the access token of the credential. */
export const readOsmoProfile = (http: HttpClient) =>
  http.request("GET /api/profile/settings", ProfileBody, {
    action: "read the identity of the credential",
  });
