import type { CredentialStore } from "../config/credential-store.ts";
import { readText } from "../config/read-text.ts";
import type { Credential } from "../core/credential.ts";
import type { Provider } from "../core/provider.ts";
import { Secret } from "../core/secret.ts";
import { parsePastedSecret } from "../core/secret-like.ts";
import { visibleAscii } from "../core/text.ts";
import { UnauthenticatedError, UsageError } from "../errors.ts";
import type { Host, InputStream } from "../host/host.ts";
import {
  foreignLogin,
  type Origin,
  type Sources,
  urlByEnvironment,
  urlByProfile,
} from "./settings.ts";

/** How a credential was given on the command line. */
export interface CredentialOptions {
  readonly appToken?: string | undefined;
  readonly appTokenFile?: string | undefined;
  readonly userHeader?: string | undefined;
}

/** A credential, and who gave it. */
export interface ChosenCredential {
  readonly credential: Credential;
  readonly source: Origin;
}

/**
 * The credential for a call to `url`. One from a flag goes wherever the call goes; one from the
 * environment only to the origin that the environment itself names, or else the profile; one that
 * is stored only to its own profile's origin.
 * @throws UsageError for one that can't be read or sent, or several; UnauthenticatedError for none.
 */
export async function resolveCredential(
  options: CredentialOptions,
  host: Pick<Host, "stdin" | "readFile" | "interrupt">,
  store: Pick<CredentialStore, "read">,
  provider: Provider,
  sources: Sources,
  url: URL,
): Promise<ChosenCredential> {
  const byFlag = await credentialByFlag(options, host);
  if (byFlag) return { credential: byFlag, source: "flag" };
  const byEnvironment = fromEnvironment(provider, sources, url);
  if (byEnvironment) return { credential: byEnvironment, source: "environment" };
  return { credential: await fromProfile(store, provider, sources, url), source: "profile" };
}

/**
 * The credential that an option gives; undefined if none does.
 * @throws UsageError for one that can't be read or sent, or several.
 */
export async function credentialByFlag(
  { appToken, appTokenFile: file, userHeader: user }: CredentialOptions,
  host: Pick<Host, "stdin" | "readFile" | "interrupt">,
): Promise<Credential | undefined> {
  onlyOne({ "--app-token": appToken, "--app-token-file": file, "--user-header": user });
  if (user !== undefined) return toUser(user, "--user-header");
  if (appToken !== undefined) return toToken(appToken, "--app-token");
  return file === undefined
    ? undefined
    : toToken(...(await readSecretFile(file, "--app-token-file", host)));
}

/** What a file that an option names holds, and what to call it; `-` is stdin. */
export async function readSecretFile(
  file: string,
  flag: string,
  { stdin, readFile, interrupt }: Pick<Host, "stdin" | "readFile" | "interrupt">,
): Promise<[text: string, name: string]> {
  if (file === "-") return [await readStdin(stdin, flag, interrupt), "stdin"];
  const name = `${flag} ${file}`;
  return [await readText(readFile(file), name, interrupt), name];
}

function onlyOne(given: Readonly<Record<string, string | undefined>>): void {
  const names = Object.keys(given).filter((name) => given[name]);
  if (names.length > 1)
    throw new UsageError(`${names.join(" and ")} each say who is calling.`, {
      hint: "Give one of them.",
    });
}

const hint =
  "Sign in with tokctl login, pass one with --app-token-file FILE (- is stdin), or set TOKCTL_APP_TOKEN along with TOKCTL_URL.";

function fromEnvironment(provider: Provider, sources: Sources, url: URL): Credential | undefined {
  const { TOKCTL_APP_TOKEN: token, TOKCTL_USER_HEADER: header } = sources.env;
  const user = provider.supports.userHeader ? header : undefined;
  onlyOne({ TOKCTL_APP_TOKEN: token, TOKCTL_USER_HEADER: user });
  const [name, value] = user ? ["TOKCTL_USER_HEADER", user] : ["TOKCTL_APP_TOKEN", token];
  if (!value) {
    const foreign = foreignLogin(provider, sources);
    return foreign?.url.origin === url.origin ? foreign.credential : undefined;
  }
  const home = urlByEnvironment(provider, sources) ?? urlByProfile(provider, sources);
  if (home?.origin !== url.origin)
    throw new UnauthenticatedError(
      home
        ? `${name} is for ${home.origin} and is not sent to ${url.origin}.`
        : `${name} is not sent to ${url.origin}: the environment does not say that it belongs there.`,
      { hint },
    );
  return user ? toUser(user, name) : toToken(value, name);
}

/** What is stored for the profile; a change of its address does not take the credential along. */
async function fromProfile(
  store: Pick<CredentialStore, "read">,
  provider: Provider,
  sources: Sources,
  url: URL,
): Promise<Credential> {
  const { profile } = sources;
  if (!profile)
    throw new UnauthenticatedError(`There is no credential for ${url.origin}.`, { hint });
  const own = urlByProfile(provider, sources);
  const stored = await store.read(profile.name);
  const credential =
    stored?.credential ??
    (provider.supports.userHeader && profile.userHeader
      ? toUser(profile.userHeader, `"userHeader" of profile "${profile.name}"`)
      : undefined);
  if (!credential)
    throw new UnauthenticatedError(`There is no credential for the profile "${profile.name}".`, {
      hint: `tokctl login -p ${profile.name} signs in.`,
    });
  const home = stored && stored.origin !== own?.origin ? stored.origin : own?.origin;
  if (home !== url.origin)
    throw new UnauthenticatedError(
      `The credential of the profile "${profile.name}" is for ${home} and is not sent to ${url.origin}.`,
      {
        hint: `Sign in there under another profile: tokctl login ${provider.id} ${url.origin} -p NAME`,
      },
    );
  return credential;
}

function readStdin(stdin: InputStream, flag: string, interrupt: AbortSignal): Promise<string> {
  if (stdin.isTTY)
    throw new UsageError(`${flag} - reads stdin, which is a terminal that would show the token.`, {
      hint: "Pipe the token in, or name a file.",
    });
  return readText(stdin, "stdin", interrupt);
}

/** A secret, as far as it can be one. @throws UsageError, which does not show what was given. */
export const toSecret = (text: string, source: string): Secret =>
  new Secret(checkWord(text, source));

/**
 * One word, such as a header can carry: visible ASCII.
 * @throws UsageError, which does not show what was given: it may be a secret in the wrong place.
 */
export function checkWord(text: string, source: string): string {
  const value = text.trim();
  if (value === "")
    throw new UsageError(`${source} is empty: there is no token in it.`, {
      hint: "Put the token there: the long word that was shown when it was made.",
    });
  if (!visibleAscii.test(value))
    throw new UsageError(
      `${source} is not a token: it holds spaces, line breaks or other characters that no token has.`,
      { hint: "Is it the token alone, without a name or quotes around it?" },
    );
  return value;
}

const toToken = (text: string, source: string): Credential => ({
  kind: "token",
  token: toTokenSecret(text, source),
});

/**
 * Returns the secret of a token, without the quotes, variable name or header that it was copied with.
 * @throws UsageError, which does not show what was given.
 */
export const toTokenSecret = (text: string, source: string): Secret =>
  toSecret(parsePastedSecret(text) ?? text, source);

function toUser(user: string, source: string): Credential {
  if (!visibleAscii.test(user))
    throw new UsageError(`${source} is no user's name.`, {
      hint: "It has visible ASCII characters, and no spaces.",
    });
  return { kind: "user", user };
}
