import { lookup } from "node:dns";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { addAbortSignal } from "node:stream";
import type { PeerCertificate, SecureContext, TLSSocket } from "node:tls";
import type { buildConnector } from "undici";
import createConnector from "undici/lib/core/connect.js";
import { isLoopback } from "../../core/url.ts";
import type { Network, Tls } from "../../host/host.ts";
import { type Certificate, CertificateError } from "../connection-errors.ts";
import { lookupLoopback, refusePlainHttp } from "../plain-http.ts";

/** Node asks the resolver for `*.localhost`, which knows none: RFC 6761 §6.3 makes it loopback. */
const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
  if (!/\.localhost\.?$|^localhost\.$/.test(hostname)) return lookup(hostname, options, callback);
  const address = { address: "127.0.0.1", family: 4 };
  if (options.all) callback(null, [address]);
  else callback(null, address.address, address.family);
};

/** Makes a connection, or gives up when its signal says so. */
export type Connect = (
  target: buildConnector.Options & { readonly signal?: AbortSignal },
  callback: buildConnector.Callback,
) => void;

/**
 * Milliseconds after which the next address of a host is tried. Node's 250 soon pass by a broken IPv6
 * network, but a host on another continent, or one lost packet, takes longer: then the addresses
 * are tried once more.
 */
const attemptTimeouts = { quick: 250, patient: 2500 };

/** TLS options, or the context that was made of them. */
type TlsOptions = Omit<Tls, "readAllTrusted"> & { readonly secureContext?: SecureContext };

/**
 * Makes connections itself, or TLS over a socket that leads to the host.
 * @param rule whether plain http may go to a host with other than loopback addresses.
 * @param lookUp finds the addresses of such a host.
 */
export function connectWith(
  tls: TlsOptions,
  rule: Pick<Network, "allowHttp">,
  lookUp: LookupFunction = lookup,
): Connect {
  const { quick, patient } = attemptTimeouts;
  const connect = connectWithin(quick, tls, rule, lookUp);
  let connectFar: Connect | undefined;
  return (target, callback) => {
    if (connectFar) return connectFar(target, callback);
    connect(target, (...[error, socket]) => {
      if (socket) return callback(null, socket);
      const isFar = isAttemptTimedOut(error) && !target.httpSocket && !target.signal?.aborted;
      if (!isFar) return callback(error, null);
      connectFar ??= connectWithin(patient, tls, rule, lookUp);
      connectFar(target, callback);
    });
  };
}

/** Returns whether one of several addresses of a host was given up for the next. */
const isAttemptTimedOut = (error: Error | null): boolean =>
  error instanceof AggregateError && error.errors.some(({ code }) => code === "ETIMEDOUT");

function connectWithin(
  attemptTimeout: number,
  tls: TlsOptions,
  { allowHttp }: Pick<Network, "allowHttp">,
  lookUp: LookupFunction,
): Connect {
  const create = (lookup: LookupFunction) =>
    createConnector({ lookup, autoSelectFamilyAttemptTimeout: attemptTimeout, ...tls });
  const connectAnywhere = create(lookupLocalhost);
  let connectHere: typeof connectAnywhere | undefined;
  return ({ signal, ...target }, callback) => {
    const isChecked = target.protocol === "http:" && !allowHttp && !isLoopback(target.hostname);
    // Node looks no address up.
    const refusal =
      isChecked &&
      isIP(target.hostname) !== 0 &&
      refusePlainHttp(target.hostname, [target.hostname]);
    if (refusal) return callback(refusal, null);
    if (isChecked) connectHere ??= create(lookupLoopback(lookUp));
    const connect = (isChecked && connectHere) || connectAnywhere;
    let shown: Certificate | undefined;
    const socket = connect(target, (...[error, made]) =>
      made
        ? callback(null, made)
        : callback(error && shown ? new CertificateError(error, shown) : error, null),
    );
    // Before Node judges a certificate: one that it does not accept can't be looked at afterwards.
    // Bun has judged by then, and shows none that it did not accept.
    if (isTls(socket))
      socket.prependOnceListener("secure", () => {
        if (!socket.destroyed) shown = toCertificate(socket.getPeerCertificate());
      });
    if (signal) addAbortSignal(signal, socket);
  };
}

/** Told without its class, which would load all of TLS where nothing is encrypted. */
export const isTls = (socket: Socket): socket is TLSSocket => "getPeerCertificate" in socket;

/** Whose a certificate is, and whose word that is; undefined if none was shown. */
function toCertificate({
  subject,
  subjectaltname,
  issuer,
  valid_from,
  valid_to,
}: Partial<PeerCertificate>): Certificate | undefined {
  if (!subject || !issuer || !valid_from || !valid_to) return undefined;
  return {
    subject: subjectaltname?.replaceAll(/DNS:|IP Address:/g, "").slice(0, 200) ?? nameOf(subject),
    issuer: nameOf(issuer),
    validFrom: new Date(valid_from),
    validTo: new Date(valid_to),
  };
}

const nameOf = ({ CN, O }: PeerCertificate["subject"]): string =>
  [CN ?? [], O ?? []].flat().join(", ").slice(0, 200) || "nobody";
