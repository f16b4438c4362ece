import type { HonoRequest } from "hono";
import { OAuthError } from "./errors.ts";

/** The parameters of one request, each with a value. */
export type Parameters = ReadonlyMap<string, string>;

/** Reads parameters as RFC 6749 §3.1 has it: without a value is absent, and none stands twice. */
export function parseParameters(search: URLSearchParams): Parameters {
  const parameters = new Map(search);
  if (parameters.size < search.size) {
    throw new OAuthError("invalid_request", "a parameter is given more than once");
  }
  return new Map([...parameters].filter(([, value]) => value !== ""));
}

/** The parameters of a form (RFC 6749 §3.2 and appendix B). */
export async function readForm(request: HonoRequest): Promise<Parameters> {
  const type = request.header("Content-Type") ?? "";
  if (!/^application\/x-www-form-urlencoded *(;|$)/i.test(type)) {
    throw new OAuthError("invalid_request", "the body must be application/x-www-form-urlencoded");
  }
  return parseParameters(new URLSearchParams(await request.text()));
}

/** The value of a parameter that must be there. */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined) throw new OAuthError("invalid_request", `${name} is missing`);
  return value;
}

/** The scope asked for, else all that may be asked for (RFC 6749 §3.3). */
export function requestedScope(
  parameters: Parameters,
  allowed: readonly string[],
): readonly string[] {
  const scope = parameters.get("scope")?.split(" ");
  if (!scope) return allowed;
  if (scope.some((each) => !allowed.includes(each))) {
    throw new OAuthError("invalid_scope", "more is asked for than this client may have");
  }
  return [...new Set(scope)];
}
