import type { Host, Network, ProxySettings } from "../host.ts";
import type { Certificates } from "./certificate-files.ts";

/**
 * How servers are reached: through which proxy, and with which certificates.
 * @throws UsageError naming the file that can't be read, or holds something else.
 */
export const resolveNetwork = async (
  certificates: Certificates,
  host: Pick<Host, "env" | "readFile" | "interrupt">,
): Promise<Network> => ({
  proxy: resolveProxy(host.env),
  // Without files there is nothing to load: Node has what it trusts.
  tls:
    Object.keys(certificates).length === 0
      ? {}
      : await (await import("./certificates.ts")).readCertificates(certificates, host),
});

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
