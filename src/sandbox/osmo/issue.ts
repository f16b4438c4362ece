import { digest } from "../store.ts";
import { addDays, formatDate, parseDate, startOfDay } from "./dates.ts";
import { invalidInput, userError } from "./errors.ts";
import { newSecret, type Service } from "./store.ts";

const NAME = /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;

/** A create as it was asked for. */
export interface TokenRequest {
  readonly owner: string;
  readonly name: string;
  readonly expiresAt: string | undefined;
  readonly description: string;
  /** Undefined asks for all roles the owner has at this moment. */
  readonly roles: readonly string[] | undefined;
  readonly by: string;
}

/**
 * Creates a token and returns its secret. The checks stand in the service's order, because
 * which of several faults a caller hears of depends on it.
 */
export function issueToken(service: Service, request: TokenRequest): string {
  const { owner, name, by } = request;
  if (request.expiresAt === undefined) {
    const loc = ["query", "expires_at"];
    throw invalidInput([{ type: "missing", loc, msg: "Field required", input: null }]);
  }
  if (owner.trim() === "") throw userError("User ID must not be empty");

  const expiresAt = parseDate(request.expiresAt);
  const today = startOfDay(service.now());
  if (expiresAt > addDays(today, service.maxDays)) {
    throw userError(
      `Access token expiration date cannot be more than ${service.maxDays}d from now`,
    );
  }
  if (!NAME.test(name)) throw userError(`Token name ${name} must match regex ${NAME.source}`);
  if (expiresAt <= today) {
    throw userError(`Expiration date must be past the current date (${formatDate(today)})`);
  }

  const user = service.users.get(owner);
  const roles = request.roles ?? [...(user?.roles.keys() ?? [])];
  if (roles.length === 0) {
    throw userError("At least one role must be specified for the access token.");
  }
  // The service counts the rows that match, so a role given twice is one too few.
  const granted = new Set(roles.filter((role) => user?.roles.has(role)));
  if (!user || granted.size < roles.length) {
    throw userError("User does not have all the requested roles. Token creation failed.");
  }
  if (user.tokens.has(name)) throw userError(`Token name ${name} already exists.`);

  const secret = newSecret(service);
  const at = service.now();
  user.tokens.set(name, {
    name,
    digest: digest(secret),
    expiresAt,
    description: request.description,
    roles: new Map([...granted].map((role) => [role, { by, at }])),
  });
  return secret;
}
