import type { LoginRequest, LoginResult, PlatformLogin } from "../../core/login-method.ts";
import { UsageError } from "../../errors.ts";
import { confPaths, endpoints, fromEnvironment, toCredential } from "./endpoints.ts";

/**
 * The keys that OVHcloud's own tools keep, for this address if one is given: in `OVH_*`, else in
 * the first `ovh.conf` there is.
 * @throws UsageError if there are none for it.
 */
export async function findLogin({
  url,
  env,
  readText,
}: Pick<LoginRequest, "url" | "env" | "readText">): Promise<LoginResult> {
  const fits = (found: URL) => url === undefined || url.href === found.href;
  const variables = fromEnvironment(env);
  if (variables && fits(variables.url)) return { ...variables, found: "OVH_*" };
  const paths = confPaths(env);
  for (const path of paths) {
    const text = await readText(path);
    if (text === undefined) continue;
    const login = parseOvhConf(text).find((each) => fits(each.url));
    if (login) return { url: login.url, credential: login.credential, found: path };
  }
  throw new UsageError(
    `No keys${url ? ` for ${url.href}` : ""} are kept in OVH_* or in ${paths.join(", ")}.`,
    { hint: "Set them there, or choose another way to sign in with --method." },
  );
}

/** Every endpoint that the file has usable keys for, its default one first. */
export function parseOvhConf(text: string): readonly PlatformLogin[] {
  const sections = parseIni(text);
  const standard = sections.get("default")?.get("endpoint");
  const names = Object.keys(endpoints).sort(
    (a, b) => Number(b === standard) - Number(a === standard),
  );
  return names.flatMap((name) => {
    const section = sections.get(name);
    const address = endpoints[name];
    if (address === undefined) return [];
    const url = new URL(address);
    const credential = toCredential(url, {
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

/** Sections of `key=value`, as Python's configparser reads them, which wrote these files first. */
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
