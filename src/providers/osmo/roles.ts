import { CliError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";
import { RolesError } from "./errors.ts";
import { checkUser } from "./names.ts";
import { ProfileBody, UserRolesBody } from "./wire.ts";

/**
 * Waits for a create. If the service refuses its roles, the error names those that the user has, as
 * far as the caller can see them.
 */
export async function namingRoles<T>(
  http: HttpClient,
  owner: string | undefined,
  create: Promise<T>,
): Promise<T> {
  try {
    return await create;
  } catch (error) {
    if (!(error instanceof RolesError)) throw error;
    const { code, message, requestId } = error;
    throw new CliError(code, message, { hint: await describeRoles(http, owner), requestId });
  }
}

async function describeRoles(http: HttpClient, owner: string | undefined): Promise<string> {
  try {
    const user =
      owner ?? (await http.request("GET /api/profile/settings", ProfileBody)).profile.username;
    const { roles } = await http.request("GET /api/auth/user/{user}/roles", UserRolesBody, {
      path: { user: checkUser(user) },
    });
    const names = roles.map(({ role_name }) => role_name).join(", ");
    return names === ""
      ? `${user} has no roles. An administrator assigns them.`
      : `${user} has the roles ${names}. Give some of these with -r.`;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `Which roles ${owner ?? "you"} can give to a token could not be read: ${error.message}`;
  }
}
