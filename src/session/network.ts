import type { Host, Network, ProxySettings, Tls } from "../host/host.ts";
import type { Certificates } from "./certificate-files.ts";

/**
 * How servers are reached: through which proxy, and with which certificates.
 * @throws UsageError naming the file that can't be read, or holds something else.
 */
export const resolveNetwork = async (
  certificates: Certificates,
  host: Pick<Host, "env" | "readFile" | "interrupt">,
): Promise<Network> => {
  // Without files there is nothing to load: Node has what it trusts.
  const tls: Tls =
    Object.keys(certificates).length === 0
      ? {}
      : await (await import("./certificates.ts")).readCertificates(certificates, host);
  const bundles = findBundles(host.env, tls.ca !== undefined);
  const readAllTrusted = async () =>
    (await import("./certificates.ts")).readAllTrusted(tls.ca, bundles, host);
  return {
    proxy: resolveProxy(host.env),
    tls: bundles.length === 0 ? tls : { ...tls, readAllTrusted },
  };
};

/** The bundles of trusted certificates that systems have, as OpenSSL's own programs find them. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * The files of trusted certificates that the environment names and Node does not read by itself.
 * @param hasAuthorities whether authorities are given, which take the place of all that Node trusts.
 */
export function findBundles(
  { SSL_CERT_FILE, NODE_EXTRA_CA_CERTS, NODE_OPTIONS }: Host["env"],
  hasAuthorities: boolean,
): readonly string[] {
  const isSystem = /(^|\s)--use-openssl-ca(?=\s|$)/.test(NODE_OPTIONS ?? "");
  const extra = NODE_EXTRA_CA_CERTS || undefined;
  const system = SSL_CERT_FILE ? [SSL_CERT_FILE] : isSystem ? systemBundles : [];
  if (hasAuthorities) return [...new Set([...(extra ? [extra] : []), ...system])];
  return isSystem || SSL_CERT_FILE === extra ? [] : system;
}

/**
 * The small letters come first, and HTTP_PROXY stands in for HTTPS_PROXY, as undici has it, and
 * ALL_PROXY for both. A SOCKS proxy is refused when it is used, rather than passed by silently. One
 * proxy is enough for us: plain http goes to this machine only, and never through a proxy.
 */
function resolveProxy(env: Host["env"]): ProxySettings | undefined {
  const either = (name: string) =>
    env[name.toLowerCase()] === undefined ? name : name.toLowerCase();
  const variable = [either("HTTPS_PROXY"), either("HTTP_PROXY"), either("ALL_PROXY")].find(
    (name) => env[name],
  );
  const url = variable && env[variable];
  return url ? { url, variable, exceptions: env[either("NO_PROXY")] ?? "" } : undefined;
}
