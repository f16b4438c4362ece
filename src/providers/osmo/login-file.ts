import * as v from "valibot";
import type { Credential } from "../../core/credential.ts";
import type { PlatformLogin } from "../../core/login-method.ts";
import { Secret } from "../../core/secret.ts";
import { visibleAscii } from "../../core/text.ts";
import { clampTimestamp } from "../../core/time.ts";
import { UsageError } from "../../errors.ts";
import { parseBaseUrl } from "../../http/base-url.ts";
import { expiryOfJwt } from "../../http/jwt.ts";

const Text = v.pipe(v.string(), v.regex(visibleAscii));

/** The `login.yaml` of the osmo client. */
const LoginFile = v.object({
  url: v.string(),
  osmo_token: v.nullish(v.boolean()),
  // With osmo_token, refresh_token contains the access token.
  token_login: v.nullish(
    v.object({
      id_token: v.nullish(Text),
      refresh_token: v.nullish(Text),
      refresh_url: v.nullish(v.string()),
      client_id: v.nullish(Text),
    }),
  ),
  dev_login: v.nullish(v.object({ username: Text })),
});
type LoginFile = v.InferOutput<typeof LoginFile>;

/**
 * Parses the login of the osmo client. Returns [] for a file of another kind.
 * @throws UsageError for a login without the fields that a refresh needs.
 */
export async function parseLoginFile(text: string): Promise<readonly PlatformLogin[]> {
  const { load } = await import("js-yaml");
  const file = v.safeParse(
    LoginFile,
    attempt(() => load(text)),
  );
  if (!file.success) return [];
  // Plain HTTP is checked later, because it depends on --allow-http.
  const url = parseBaseUrl(file.output.url, "The url in it", "any");
  const credential = toCredential(file.output);
  if (!credential)
    throw new UsageError(
      "The file has no client_id or refresh token, so only the osmo client can use this login.",
      {
        hint: `Sign in again: tokctl login osmo ${url.href}`,
      },
    );
  return [{ name: "osmo", url, credential }];
}

function toCredential({ osmo_token, token_login, dev_login }: LoginFile): Credential | undefined {
  if (osmo_token && token_login?.refresh_token)
    return { kind: "token", token: new Secret(token_login.refresh_token) };
  if (token_login) return toOAuth(token_login);
  return dev_login ? { kind: "user", user: dev_login.username } : undefined;
}

/** Converts an identity provider's tokens; undefined without a client ID, which the osmo client omits after a password login. */
function toOAuth({
  id_token,
  refresh_token,
  refresh_url,
  client_id,
}: NonNullable<LoginFile["token_login"]>): Credential | undefined {
  if (!refresh_token || !refresh_url || !client_id) return undefined;
  const end = id_token ? expiryOfJwt(id_token) : undefined;
  return {
    kind: "oauth",
    grant: "refresh_token",
    tokenUrl: parseBaseUrl(refresh_url, "The refresh_url in it").href,
    clientId: client_id,
    refreshToken: new Secret(refresh_token),
    accessToken: id_token ? new Secret(id_token) : undefined,
    expiresAt: end === undefined ? undefined : clampTimestamp(end),
  };
}

/**
 * Returns the result of `read`; undefined for invalid YAML. The error is discarded, because its
 * message quotes the file.
 */
function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}
