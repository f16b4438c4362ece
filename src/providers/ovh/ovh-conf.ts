import type { LoginRequest, LoginResult, PlatformLogin } from "../../core/login-method.ts";
import { UsageError } from "../../errors.ts";
import { confPaths, endpoints, readOvhVariables, toOvhCredential } from "./endpoints.ts";

/**
 * Finds the credential that OVHcloud's own tools use. Searches `OVH_*`, then each `ovh.conf`, and
 * returns the first credential for `url`, or the first one if `url` is undefined.
 * @throws UsageError if no credential was found.
 */
export async function findOvhLogin({
  url,
  env,
  readText,
}: Pick<LoginRequest, "url" | "env" | "readText">): Promise<LoginResult> {
  const fits = (found: URL) => url === undefined || url.href === found.href;
  const variables = readOvhVariables(env);
  if (variables && fits(variables.url)) return { ...variables, found: "OVH_*" };
  const paths = confPaths(env);
  for (const path of paths) {
    const text = await readText(path);
    if (text === undefined) continue;
    const login = parseOvhConf(text).find((each) => fits(each.url));
    if (login) return { url: login.url, credential: login.credential, found: path };
  }
  throw new UsageError(
    `No credential${url ? ` for ${url.href}` : ""} was found in OVH_* or in ${paths.join(", ")}.`,
    { hint: "Set one there, or choose another sign-in method with --method." },
  );
}

/** Parses an `ovh.conf`: one login per endpoint with a complete credential, the default endpoint first. */
export function parseOvhConf(text: string): readonly PlatformLogin[] {
  const sections = parseIni(text);
  const defaultEndpoint = sections.get("default")?.get("endpoint");
  const names = Object.keys(endpoints).sort(
    (a, b) => Number(b === defaultEndpoint) - Number(a === defaultEndpoint),
  );
  return names.flatMap((name) => {
    const section = sections.get(name);
    const endpoint = endpoints[name];
    if (endpoint === undefined) return [];
    const url = new URL(endpoint);
    const credential = toOvhCredential(url, {
      applicationKey: section?.get("application_key"),
      applicationSecret: section?.get("application_secret"),
      consumerKey: section?.get("consumer_key"),
      clientId: section?.get("client_id"),
      clientSecret: section?.get("client_secret"),
      accessToken: section?.get("access_token"),
    });
    return credential ? [{ name, url, credential }] : [];
  });
}

/** Parses sections of `key=value` in the format of Python's configparser. */
function parseIni(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/).map((line) => line.trim())) {
    const [, name] = /^\[(.+)\]$/.exec(line) ?? [];
    const [, key, value] = /^([^#;=:][^=:]*)[=:](.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
    } else if (key !== undefined && value !== undefined)
      section?.set(key.trim().toLowerCase(), value.trim());
  }
  return sections;
}
