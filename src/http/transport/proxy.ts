import { BlockList, isIP } from "node:net";
import { addAbortSignal } from "node:stream";
import type { buildConnector, Dispatcher } from "undici";
import connect from "undici/lib/api/api-connect.js";
import EnvHttpProxyAgent from "undici/lib/dispatcher/env-http-proxy-agent.js";
import Pool from "undici/lib/dispatcher/pool.js";
import { UsageError } from "../../errors.ts";
import type { ProxySettings, Tls } from "../../host.ts";
import { ProxyError } from "../errors/network-fault.ts";
import { type Connect, createConnect, createConnectWithAllTrusted } from "./connect.ts";

/** undici's options for CONNECT, with the signal of the connection attempt. */
type TunnelOptions = Dispatcher.ConnectOptions & { readonly signal?: AbortSignal };

/** The connector for hosts that need no proxy, and the factory of connection pools. */
interface AgentOptions {
  readonly connect: Connect;
  readonly factory: (origin: string | URL, options: { readonly connect: Connect }) => Pool;
}

/**
 * Creates a dispatcher that connects through the proxy with CONNECT tunnels (RFC 9110 §9.3.6), and
 * directly to the hosts in NO_PROXY.
 * @param track makes undici's connector, see `Attempts`.
 * @throws UsageError unless the proxy is an http(s) URL.
 */
export function createProxyAgent(
  proxy: ProxySettings,
  tls: Tls,
  track: (connect: Connect) => buildConnector.connector,
  direct: AgentOptions,
): Dispatcher {
  const { url, authorization } = parseProxyUrl(proxy.url, proxy.variable);

  function createPool(origin: string | URL, options: { readonly connect: Connect }): Pool {
    if (options.connect === direct.connect) return direct.factory(origin, options);
    // undici's own TLS over a tunnel would not report the certificate that was rejected.
    const connectThroughTunnel = createConnectWithAllTrusted(tls, (each) =>
      connectOverTunnel(options.connect, createConnect(each, {})),
    );
    return direct.factory(origin, { ...options, connect: connectThroughTunnel });
  }

  return new EnvHttpProxyAgent({
    connect: direct.connect,
    factory: createPool,
    // All are set, even to "", because undici reads the environment for each that is not.
    httpProxy: url.href,
    httpsProxy: url.href,
    noProxy: proxy.noProxy,
    ...(authorization !== undefined && { token: authorization }),
    clientFactory: () => createTunnelPool(url, proxy.variable, tls, track),
  });
}

/** Creates the pool of connections to the proxy, which undici uses for CONNECT requests only. */
function createTunnelPool(
  url: URL,
  variable: string,
  { ca, readAllTrusted }: Tls,
  track: (connect: Connect) => buildConnector.connector,
): Pool {
  // Without the client certificate, which is meant for the API only.
  const connectToProxy = createConnectWithAllTrusted({ ca, readAllTrusted }, (tls) =>
    createConnect(tls, { allowHttp: true }),
  );
  const pool = new Pool(url.origin, {
    // Without the server name, which undici sets to an IP address, too: Node prints a warning then.
    connect: track(({ servername: _, ...target }, callback) => connectToProxy(target, callback)),
  });
  return Object.assign(pool, {
    async connect(options: TunnelOptions): Promise<Dispatcher.ConnectData> {
      const response = await connect.call(pool, options).catch((cause: unknown) => {
        throw new ProxyError({ host: url.host, variable }, { cause });
      });
      const { statusCode: status, socket } = response;
      // undici ignores the signal until the TLS handshake with the API is complete.
      if (options.signal) addAbortSignal(options.signal, socket);
      if (status === 200) return response;
      socket.destroy();
      throw new ProxyError({ host: url.host, variable }, { status });
    },
  });
}

/** Opens a tunnel to the target, then connects to the API over its socket. */
const connectOverTunnel =
  (openTunnel: Connect, connectToApi: Connect): Connect =>
  (target, callback) => {
    const { hostname, host = hostname, port } = target;
    const address = port ? { host, port } : { host: `${host}:443`, port: "443" };
    openTunnel({ ...target, ...address, protocol: "http:" }, (...[error, httpSocket]) =>
      httpSocket ? connectToApi({ ...target, httpSocket }, callback) : callback(error, null),
    );
  };

/**
 * Parses the URL of a proxy, with or without a scheme.
 * @returns the URL without credentials, and the value of Proxy-Authorization (RFC 7617).
 * @throws UsageError unless it is an http(s) URL.
 */
export function parseProxyUrl(text: string, variable: string) {
  try {
    const url = new URL(text.includes("://") ? text : `http://${text}`);
    if (/^https?:$/.test(url.protocol) && url.hostname !== "") {
      const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      url.username = url.password = "";
      const encoded = Buffer.from(credentials).toString("base64");
      return { url, authorization: credentials === ":" ? undefined : `Basic ${encoded}` };
    }
  } catch {
    // The message of the exception quotes the URL, which may contain a password.
  }
  throw new UsageError(`${variable} is not the URL of an HTTP proxy.`, {
    hint: [
      "Use a URL such as http://proxy.example.com:3128. In a user name or password, write % as %25 and @ as %40.",
      "SOCKS proxies are not supported. Set HTTPS_PROXY to an HTTP proxy, or add the host to NO_PROXY.",
    ],
  });
}

/**
 * Returns whether NO_PROXY contains the IP address of a host, or a range with it (`10.0.0.0/8`,
 * `fd00::/8`). Host names are not compared: undici does that.
 * @param hostname the host name of a URL; IPv6 addresses have brackets.
 * @param noProxy the value of NO_PROXY.
 */
export function isAddressExcepted(hostname: string, noProxy: string): boolean {
  const address = withoutBrackets(hostname);
  const version = isIP(address);
  if (version === 0) return false;
  const [type, addressBits] = version === 6 ? (["ipv6", 128] as const) : (["ipv4", 32] as const);
  return noProxy.split(/[\s,]+/).some((entry) => {
    const [first = "", prefix = String(addressBits), ...others] = entry.split("/");
    const network = withoutBrackets(first);
    if (isIP(network) !== version || others.length > 0) return false;
    if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > addressBits) return false;
    const range = new BlockList();
    range.addSubnet(network, Number(prefix), type);
    return range.check(address, type);
  });
}

const withoutBrackets = (address: string): string => address.replace(/^\[(.*)\]$/, "$1");
