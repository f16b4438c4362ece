import { lookup as dnsLookup } from "node:dns";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import type { PeerCertificate, SecureContext, TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import createConnector from "undici/lib/core/connect.js";
import { isLoopback } from "../../core/url.ts";
import type { Network, Tls } from "../../host.ts";
import { lookupLoopback, refusePlainHttp } from "../base-url.ts";
import { type Certificate, CertificateError, isUntrustedIssuer } from "../errors/network-fault.ts";

/** Opens a connection, or TLS over `target.httpSocket`. The signal aborts the attempt. */
export type Connect = (
  target: buildConnector.Options & { readonly signal?: AbortSignal },
  callback: buildConnector.Callback,
) => void;

/** TLS options of a connector, or the context that was created from them. */
type TlsOptions = Omit<Tls, "readAllTrusted"> & { readonly secureContext?: SecureContext };

/**
 * Milliseconds after which the next address of a host is tried. Node's default skips a broken IPv6
 * network quickly, but is too short for a distant host or a lost packet.
 */
const attemptTimeouts = { default: 250, extended: 2500 };

/**
 * Creates a connector. If an address of a host timed out, all addresses are tried once more with a
 * longer timeout, which later connections then use, too.
 * @param rule whether plain HTTP is allowed to hosts with other than loopback addresses.
 */
export function createConnect(
  tls: TlsOptions,
  rule: Pick<Network, "allowHttp">,
  lookup: LookupFunction = dnsLookup,
): Connect {
  const connect = createConnectWithin(attemptTimeouts.default, tls, rule, lookup);
  let connectExtended: Connect | undefined;
  return (target, callback) => {
    if (connectExtended) return connectExtended(target, callback);
    connect(target, (...[error, socket]) => {
      if (socket) return callback(null, socket);
      const mayBeDistant =
        hasAttemptTimeout(error) && !target.httpSocket && !target.signal?.aborted;
      if (!mayBeDistant) return callback(error, null);
      connectExtended ??= createConnectWithin(attemptTimeouts.extended, tls, rule, lookup);
      connectExtended(target, callback);
    });
  };
}

/**
 * Creates a connector that repeats a handshake with all trusted CA certificates if the issuer of the
 * server's certificate is not among the default ones, because reading all of them is slow. Nothing
 * has been sent by then.
 * @param create creates a connector with TLS options.
 */
export function createConnectWithAllTrusted(
  { readAllTrusted, ...defaultTls }: Tls,
  create: (tls: TlsOptions) => Connect,
): Connect {
  const connect = create(defaultTls);
  if (!readAllTrusted) return connect;

  async function createWithAll(readAll: () => Promise<string[]>): Promise<Connect> {
    const ca = await readAll();
    const { createSecureContext } = await import("node:tls");
    // One context for all connections, because creating it is slow.
    return create({ ...defaultTls, secureContext: createSecureContext({ ...defaultTls, ca }) });
  }
  let withAll: Promise<Connect> | undefined;
  const connectWithAll: Connect = (target, callback) => {
    withAll ??= createWithAll(readAllTrusted);
    withAll.then(
      (connect) => connect(target, callback),
      (error: Error) => callback(error, null),
    );
  };
  return (target, callback) => {
    if (withAll) return connectWithAll(target, callback);
    connect(target, (...[error, socket]) => {
      if (socket) callback(null, socket);
      else if (isUntrustedIssuer(error)) connectWithAll(target, callback);
      else callback(error, null);
    });
  };
}

/** Returns whether the socket uses TLS, without `instanceof`, which would load node:tls. */
export const isTlsSocket = (socket: Socket): socket is TLSSocket => "getPeerCertificate" in socket;

const hasAttemptTimeout = (error: Error | null): boolean =>
  error instanceof AggregateError && error.errors.some(({ code }) => code === "ETIMEDOUT");

function createConnectWithin(
  attemptTimeout: number,
  tls: TlsOptions,
  { allowHttp }: Pick<Network, "allowHttp">,
  lookup: LookupFunction,
): Connect {
  const create = (lookup: LookupFunction) =>
    createConnector({ lookup, autoSelectFamilyAttemptTimeout: attemptTimeout, ...tls });
  const connectToAny = create(lookupLocalhost);
  let connectToLoopback: typeof connectToAny | undefined;

  return ({ signal, ...target }, callback) => {
    const { protocol, hostname } = target;
    let connect = connectToAny;
    if (protocol === "http:" && !allowHttp && !isLoopback(hostname)) {
      // The lookup function is not called for an IP address.
      const error = isIP(hostname) !== 0 ? refusePlainHttp(hostname, [hostname]) : undefined;
      if (error) return callback(error, null);
      connectToLoopback ??= create(lookupLoopback(lookup));
      connect = connectToLoopback;
    }
    let certificate: Certificate | undefined;
    const socket = connect(target, (...[error, connected]) => {
      if (connected) return callback(null, connected);
      callback(error && certificate ? new CertificateError(error, certificate) : error, null);
    });
    // Read before Node verifies it, because a rejected certificate is not accessible afterwards. Bun
    // verifies it earlier, so that rejected certificates are not shown there.
    if (isTlsSocket(socket))
      socket.prependOnceListener("secure", () => {
        if (!socket.destroyed) certificate = toCertificate(socket.getPeerCertificate());
      });
    if (signal) addAbortSignal(signal, socket);
  };
}

/** Resolves `*.localhost` to 127.0.0.1 (RFC 6761 §6.3), which DNS resolvers may not know. */
const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
  if (!/\.localhost\.?$|^localhost\.$/.test(hostname))
    return dnsLookup(hostname, options, callback);
  const address = { address: "127.0.0.1", family: 4 };
  if (options.all) callback(null, [address]);
  else callback(null, address.address, address.family);
};

function toCertificate({
  subject,
  subjectaltname,
  issuer,
  valid_from,
  valid_to,
}: Partial<PeerCertificate>): Certificate | undefined {
  if (!subject || !issuer || !valid_from || !valid_to) return undefined;
  return {
    subject:
      subjectaltname?.replaceAll(/DNS:|IP Address:/g, "").slice(0, 200) ??
      distinguishedName(subject),
    issuer: distinguishedName(issuer),
    validFrom: new Date(valid_from),
    validTo: new Date(valid_to),
  };
}

const distinguishedName = ({ CN, O }: PeerCertificate["subject"]): string =>
  [CN ?? [], O ?? []].flat().join(", ").slice(0, 200) || "(no name)";
