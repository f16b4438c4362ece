import type { Provider } from "../../core/provider.ts";
import { UnauthenticatedError, UsageError } from "../../errors.ts";
import { baseUrlFromEnvironment, baseUrlFromProfile, findForeignLogin } from "./base-url.ts";
import type { SettingOrigin, SettingSources } from "./setting.ts";

/** Options that contain a credential. */
export interface CredentialOptions {
  readonly appToken?: string | undefined;
  readonly appTokenFile?: string | undefined;
  readonly userHeader?: string | undefined;
}

/** The source of the credential of a call. */
export interface CredentialSource {
  readonly source: SettingOrigin;
  /** The flag, variable or profile; "" for the variables of the platform's own tools. */
  readonly name: string;
  /** For the profile's credential: the origin of the profile's own base URL. */
  readonly profileOrigin?: string | undefined;
}

/**
 * Finds the credential for calls to `url`: from an option, else from an environment variable, else
 * from the profile. A credential from an option may be sent to any URL. A credential from a
 * variable may be sent only to the origin of the base URL in the environment, or else in the
 * profile.
 * @throws UsageError if several are given; UnauthenticatedError if no credential is given, or the
 * credential is for another origin.
 */
export function findCredentialSource(
  options: CredentialOptions,
  provider: Provider,
  sources: SettingSources,
  url: URL,
): CredentialSource {
  const flag = findCredentialFlag(options);
  if (flag !== undefined) return { source: "flag", name: flag };
  const variable = findCredentialVariable(provider, sources);
  if (variable !== undefined) {
    checkOrigin(variable, provider, sources, url);
    return { source: "environment", name: variable };
  }
  if (findForeignLogin(provider, sources)?.url.origin === url.origin)
    return { source: "environment", name: "" };
  const { profile } = sources;
  if (profile)
    return {
      source: "profile",
      name: profile.name,
      profileOrigin: baseUrlFromProfile(provider, sources)?.origin,
    };
  throw new UnauthenticatedError(`No credential for ${url.origin}.`, {
    hint: credentialHint,
  });
}

/**
 * Returns the name of the option that contains a credential.
 * @throws UsageError if there are several.
 */
export function findCredentialFlag({
  appToken,
  appTokenFile,
  userHeader,
}: CredentialOptions): string | undefined {
  const given = {
    "--user-header": userHeader,
    "--app-token": appToken,
    "--app-token-file": appTokenFile,
  };
  checkSingle(given);
  return Object.entries(given).find(([, value]) => value !== undefined)?.[0];
}

function findCredentialVariable(
  { supports }: Provider,
  { env: { TOKCTL_APP_TOKEN: token, TOKCTL_USER_HEADER: header } }: SettingSources,
): string | undefined {
  const user = supports.userHeader ? header : undefined;
  checkSingle({ TOKCTL_APP_TOKEN: token, TOKCTL_USER_HEADER: user });
  if (user) return "TOKCTL_USER_HEADER";
  return token ? "TOKCTL_APP_TOKEN" : undefined;
}

function checkSingle(given: Readonly<Record<string, string | undefined>>): void {
  const names = Object.keys(given).filter((name) => given[name]);
  if (names.length > 1)
    throw new UsageError(`Several credentials are passed: ${names.join(" and ")}.`, {
      hint: "Pass only one of them.",
    });
}

function checkOrigin(name: string, provider: Provider, sources: SettingSources, url: URL): void {
  const fromEnvironment = baseUrlFromEnvironment(provider, sources);
  const home = fromEnvironment ?? baseUrlFromProfile(provider, sources);
  if (home?.origin === url.origin) return;
  const reason = fromEnvironment ? "TOKCTL_URL or TOKCTL_REGION selects" : "the profile selects";
  throw new UnauthenticatedError(
    home
      ? `${name} is not sent to ${url.origin}, because ${reason} ${home.origin}.`
      : `${name} is not sent to ${url.origin}: TOKCTL_URL is not set to that server.`,
    {
      hint: [
        `If it is a credential of that server: export TOKCTL_URL=${url.origin}`,
        "Or pass another credential: --app-token-file FILE (- for stdin)",
      ],
    },
  );
}

const credentialHint = [
  "Sign in: tokctl login",
  "Or pass a credential: --app-token-file FILE (- for stdin)",
  "Or set TOKCTL_APP_TOKEN and TOKCTL_URL.",
];
