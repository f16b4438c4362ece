import type { CredentialStore } from "../config/credential-store.ts";
import type { Credential } from "../core/credential.ts";
import type { LoginField } from "../core/login-method.ts";
import { unquote } from "../core/quoting.ts";
import { parsePastedSecret, Secret } from "../core/secret.ts";
import { visibleAscii } from "../core/text.ts";
import { UnauthenticatedError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { type FileHost, readSecretFile } from "./input-files.ts";
import { type CredentialOptions, findCredentialFlag } from "./target/credential-source.ts";
import type { SettingOrigin } from "./target/setting.ts";
import { type Target, unwrap } from "./target/target.ts";

/** A credential and its source. */
export interface ChosenCredential {
  readonly credential: Credential;
  readonly source: SettingOrigin;
}

/**
 * Reads the credential of a target.
 * @param options the global options, which may contain the credential.
 * @throws UsageError if it can't be read or is invalid; UnauthenticatedError if no credential is
 * stored for the profile, or the stored one is for another origin.
 */
export async function readCredential(
  target: Target,
  options: CredentialOptions,
  host: FileHost & Pick<Host, "env">,
  store: Pick<CredentialStore, "read">,
): Promise<ChosenCredential> {
  const { source, name, profileOrigin } = unwrap(target.credential);
  switch (source) {
    case "flag":
      return { source, credential: await readFlagCredential(options, name, host) };
    case "environment":
      return { source, credential: readVariable(target, name, host) };
    case "profile":
      return { source, credential: await readStored(target, profileOrigin, store) };
  }
}

/**
 * Reads the credential from an option.
 * @returns undefined without such an option.
 * @throws UsageError if it can't be read or is invalid, or several are given.
 */
export async function readCredentialOption(
  options: CredentialOptions,
  host: FileHost,
): Promise<Credential | undefined> {
  const flag = findCredentialFlag(options);
  return flag === undefined ? undefined : readFlagCredential(options, flag, host);
}

async function readFlagCredential(
  { appToken = "", appTokenFile = "", userHeader = "" }: CredentialOptions,
  flag: string,
  host: FileHost,
): Promise<Credential> {
  if (flag === "--user-header") return toUser(userHeader, flag);
  if (flag === "--app-token") return toToken(appToken, flag);
  return toToken(...(await readSecretFile(appTokenFile, flag, host)));
}

function readVariable(target: Target, name: string, { env }: Pick<Host, "env">): Credential {
  const value = unquote(env[name] ?? "");
  if (name === "TOKCTL_USER_HEADER") return toUser(value, name);
  if (name === "TOKCTL_APP_TOKEN") return toToken(value, name);
  const foreign = unwrap(target.provider).readEnvironment?.(env);
  if (!foreign) throw new Error(`no credential in ${name}`);
  return foreign.credential;
}

/**
 * Reads the stored credential of a profile. It is for the base URL of the sign-in, even if the URL
 * of the profile has changed since.
 */
async function readStored(
  target: Target,
  profileOrigin: string | undefined,
  store: Pick<CredentialStore, "read">,
): Promise<Credential> {
  const profile = unwrap(target.profile)?.value;
  if (!profile) throw new Error("no profile is in use");
  const provider = unwrap(target.provider);
  const url = unwrap(target.baseUrl).value;
  const stored = await store.read(profile.name);
  const credential =
    stored?.credential ??
    (provider.supports.userHeader && profile.userHeader
      ? toUser(profile.userHeader, `"userHeader" of profile "${profile.name}"`)
      : undefined);
  if (!credential)
    throw new UnauthenticatedError(`No credential is stored for profile "${profile.name}".`, {
      hint: `Sign in: tokctl login -p ${profile.name}`,
    });
  const home = stored ? stored.origin : profileOrigin;
  if (home !== url.origin)
    throw new UnauthenticatedError(
      `The credential of profile "${profile.name}" is for ${home} and is not sent to ${url.origin}.`,
      {
        hint: `Sign in to that server with another profile: tokctl login ${provider.id} ${url.origin} -p NAME`,
      },
    );
  return credential;
}

/** Parses the secret of a token: one word. @throws UsageError, which does not contain the text. */
export function parseToken(text: string, source: string): Secret {
  const value = text.trim();
  if (value === "")
    throw new UsageError(`${source} is empty.`, {
      hint: "Pass the secret that was printed when the token was created.",
    });
  if (!visibleAscii.test(value))
    throw new UsageError(
      `${source} is not a token: it contains spaces, line breaks or other invalid characters.`,
      { hint: "Pass only the token, without a name or quotes." },
    );
  return new Secret(value);
}

/**
 * Parses one word of visible ASCII characters, as an HTTP header can contain it.
 * @throws UsageError, which does not contain the text, because it may be a misplaced secret.
 */
export function parseWord(text: string, source: string): string {
  const value = text.trim();
  if (value === "")
    throw new UsageError(`${source} is empty.`, {
      hint:
        source === "--user-header"
          ? "Pass the user name, for example --user-header alice."
          : "Pass one word.",
    });
  if (!visibleAscii.test(value))
    throw new UsageError(`${source} contains spaces, line breaks or other invalid characters.`, {
      hint: "Pass only the value, without a name or quotes.",
    });
  return value;
}

/**
 * Parses a password or a client secret, which may contain every character except a line break. The
 * line break at the end of a file is no part of it.
 * @throws UsageError, which does not contain the text.
 */
function parsePassword(text: string, source: string): Secret {
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw new UsageError(`${source} is empty.`, { hint: "Pass one line." });
  if (/[\r\n]/.test(value))
    throw new UsageError(`${source} contains a line break.`, { hint: "Pass one line." });
  return new Secret(value);
}

/** Parses the answer to a secret field. @throws UsageError, which does not contain the text. */
export function parseSecret(
  { isToken = false, isPassword = false }: SecretField,
  text: string,
  source: string,
): Secret {
  if (isToken) return parseTokenSecret(text, source);
  return isPassword ? parsePassword(text, source) : new Secret(parseWord(text, source));
}

/** The properties of a secret field that determine its valid values. */
export type SecretField = Pick<LoginField, "isToken" | "isPassword">;

const toToken = (text: string, source: string): Credential => ({
  kind: "token",
  token: parseTokenSecret(text, source),
});

/** Parses the secret of a token, without quotes, variable name or header that were copied with it. */
const parseTokenSecret = (text: string, source: string): Secret =>
  parseToken(parsePastedSecret(text) ?? text, source);

function toUser(user: string, source: string): Credential {
  if (!visibleAscii.test(user))
    throw new UsageError(`${source} is not a valid user name.`, {
      hint: "A user name consists of visible ASCII characters without spaces.",
    });
  return { kind: "user", user };
}
