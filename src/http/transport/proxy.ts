import { addAbortSignal } from "node:stream";
import type { buildConnector, Dispatcher } from "undici";
import connect from "undici/lib/api/api-connect.js";
import EnvHttpProxyAgent from "undici/lib/dispatcher/env-http-proxy-agent.js";
import Pool from "undici/lib/dispatcher/pool.js";
import { UsageError } from "../../errors.ts";
import type { ProxySettings, Tls } from "../../host/host.ts";
import { ProxyError } from "../connection-errors.ts";
import { type Connect, connectWith } from "./connect.ts";
import { withMoreTrust } from "./more-trust.ts";

/** What undici asks a proxy for; the signal is that of the attempt. */
type TunnelOptions = Dispatcher.ConnectOptions & { readonly signal?: AbortSignal };

/** How servers are connected to that are reached without the proxy, and pools made of that. */
interface AgentOptions {
  readonly connect: Connect;
  readonly factory: (origin: string | URL, options: { readonly connect: Connect }) => Pool;
}

/**
 * Reaches servers through tunnels that a proxy makes, except for those it is not meant for.
 * @throws UsageError unless the proxy is an http(s) URL.
 */
export function createProxyAgent(
  { url: text, variable, exceptions }: ProxySettings,
  tls: Tls,
  attempt: (connect: Connect) => buildConnector.connector,
  agentOptions: AgentOptions,
): Dispatcher {
  const { url, token } = parseProxyUrl(text, variable);

  /** The connections to the proxy itself; all that they are asked for is tunnels. */
  function connectToProxy(): Pool {
    // A client certificate is for the API's eyes only.
    const { ca, readAllTrusted } = tls;
    const connectToHost = withMoreTrust({ ca, readAllTrusted }, (each) =>
      connectWith(each, { allowHttp: true }),
    );
    const pool = new Pool(url.origin, {
      // undici gives an address as a server name, too, and Node warns of that at length.
      connect: attempt(({ servername: _, ...target }, callback) => connectToHost(target, callback)),
    });
    return Object.assign(pool, {
      async connect(options: TunnelOptions): Promise<Dispatcher.ConnectData> {
        const reply = await connect.call(pool, options).catch((cause: unknown) => {
          throw new ProxyError({ host: url.host, variable }, { cause });
        });
        const { statusCode: status, socket } = reply;
        // Until the API's own handshake is done, undici heeds no signal.
        if (options.signal) addAbortSignal(options.signal, socket);
        if (status === 200) return reply;
        socket.destroy();
        throw new ProxyError({ host: url.host, variable }, { status });
      },
    });
  }

  /** undici would do TLS over its tunnel itself, and not tell whose certificate was not accepted. */
  const overTunnel =
    (tunnel: Connect, connectToApi: Connect): Connect =>
    (target, callback) => {
      const { hostname, host = hostname, port } = target;
      const address = port ? { host, port } : { host: `${host}:443`, port: "443" };
      tunnel({ ...target, ...address, protocol: "http:" }, (...[error, httpSocket]) =>
        httpSocket ? connectToApi({ ...target, httpSocket }, callback) : callback(error, null),
      );
    };

  return new EnvHttpProxyAgent({
    ...agentOptions,
    factory: (origin: string | URL, options: { readonly connect: Connect }) =>
      agentOptions.factory(
        origin,
        options.connect === agentOptions.connect
          ? options
          : {
              ...options,
              connect: withMoreTrust(tls, (each) =>
                overTunnel(options.connect, connectWith(each, {})),
              ),
            },
      ),
    // Said even where they are empty, or undici would look into the environment for itself.
    httpProxy: url.href,
    httpsProxy: url.href,
    noProxy: exceptions,
    ...(token !== undefined && { token }),
    clientFactory: connectToProxy,
  });
}

/**
 * Takes credentials out of the URL, so that nothing that shows it can show them.
 * @throws UsageError unless it is an http(s) URL.
 */
export function parseProxyUrl(text: string, variable: string) {
  try {
    // Many write it without a scheme.
    const url = new URL(text.includes("://") ? text : `http://${text}`);
    if (/^https?:$/.test(url.protocol) && url.hostname !== "") {
      const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      url.username = url.password = "";
      const encoded = Buffer.from(credentials).toString("base64");
      return { url, token: credentials === ":" ? undefined : `Basic ${encoded}` };
    }
  } catch {
    // What is wrong with it would quote it.
  }
  throw new UsageError(`${variable} is not the URL of an HTTP proxy.`, {
    hint: "It looks like http://proxy.example.com:3128; in a user name or password, % is written %25 and @ is %40. SOCKS is not supported: set HTTPS_PROXY to an HTTP proxy, or name the host in NO_PROXY.",
  });
}
