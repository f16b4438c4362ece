import type { Host, Network, ProxySettings, Tls } from "../host.ts";
import type { CertificateFiles } from "./target/setting.ts";

/**
 * Reads the certificates of a connection.
 * @returns the proxy and TLS settings of requests.
 * @throws UsageError if a file can't be read or is not a PEM file.
 */
export async function readNetwork(
  certificates: CertificateFiles,
  proxy: ProxySettings | undefined,
  host: Pick<Host, "env" | "readFile" | "interrupt">,
): Promise<Network> {
  // Without files, Node's own certificates apply and nothing has to be loaded.
  const tls: Tls =
    Object.keys(certificates).length === 0
      ? {}
      : await (await import("./certificates.ts")).readCertificates(certificates, host);
  const bundles = findBundles(host.env, tls.ca !== undefined);
  const readAllTrusted = async () =>
    (await import("./certificates.ts")).readAllTrusted(tls.ca, bundles, host);
  return { proxy, tls: bundles.length === 0 ? tls : { ...tls, readAllTrusted } };
}

/** Paths of the certificate bundles of common systems, as OpenSSL uses them. */
const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Returns the certificate bundles in environment variables that Node ignores.
 * @param hasAuthorities whether `ca` is set, which replaces all certificates that Node trusts.
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
