import { CliError, type ErrorCode, type ErrorDetails, InterruptedError } from "../../errors.ts";
import {
  type Certificate,
  classifyNetworkFault,
  type FaultKind,
  type NetworkFault,
} from "./network-fault.ts";

/**
 * The effect of a request other than GET, which decides the error if the response is lost. Retries
 * depend on the method only (RFC 9110 §9.2.2).
 */
export type RequestEffect =
  /**
   * A change that must not be sent twice, such as a create: a lost response is `outcome_unknown`.
   * The hint says how to find out whether the change was made.
   */
  | { readonly kind: "change"; readonly hint: string }
  /**
   * A request that the user can send again, such as a deletion or a sign-in: a lost response is a
   * `network` error. The hint replaces the general one.
   */
  | { readonly kind: "repeatable"; readonly hint?: string };

/** The effect of a GET, and of a request that was not sent or not processed. */
export const noEffect: RequestEffect = { kind: "repeatable" };

/** Returns `outcome_unknown` for a change; `otherwise` for a request that can be sent again. */
export const codeIfLost = ({ kind }: RequestEffect, otherwise: ErrorCode): ErrorCode =>
  kind === "change" ? "outcome_unknown" : otherwise;

/** The error for a request without a complete response. */
export class NetworkError extends CliError {
  override name = "NetworkError";
  /** Whether the request was sent, so that the server may have acted on it. */
  readonly wasSent: boolean;
  /** Whether another attempt may succeed. */
  readonly isTransient: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails & Pick<NetworkError, "wasSent" | "isTransient">,
  ) {
    super(code, message, details);
    this.wasSent = details.wasSent;
    this.isTransient = details.isTransient;
  }
}

/** A request that failed without a complete response. */
interface FailedRequest {
  /** What the request does, as a phrase: `list the tokens`. */
  readonly action?: string | undefined;
  readonly method: string;
  readonly url: URL;
  /** The timeout of the request in milliseconds. */
  readonly timeout: number;
  readonly interrupt: AbortSignal;
  readonly effect: RequestEffect;
  /** Whether an earlier attempt was sent and its outcome is unknown. */
  readonly wasSentBefore?: boolean | undefined;
  /** The status of a response, if its headers were received and its body was not. */
  readonly statusReceived?: number | undefined;
}

/**
 * Converts an error of the transport to a CliError: `outcome_unknown` for a change that the server
 * may have made, `network` for everything else, InterruptedError after ^C.
 */
export function toNetworkError(error: unknown, request: FailedRequest): CliError {
  const { action, url, interrupt, wasSentBefore = false } = request;
  const fault = classifyNetworkFault(error);
  const { wasSent, isTransient, proxy, certificate } = fault;
  const effect = wasSent || wasSentBefore ? request.effect : noEffect;
  if (interrupt.aborted) return toInterruption(url, interrupt, effect);
  const cause = describeFault(fault, request);
  const cited = describeRequest(request);
  if (effect.kind === "change")
    return new NetworkError(
      "outcome_unknown",
      `The request was sent to ${url.origin}, but the response was lost: ${cause}.`,
      {
        hint: effect.hint,
        reason: `${cause} ${cited}`,
        cause: error,
        wasSent,
        isTransient,
      },
    );
  const message = proxy
    ? `Cannot connect to ${url.origin} through the proxy ${proxy.host}: ${cause}.`
    : !wasSent
      ? `Cannot connect to ${url.origin}: ${cause}.`
      : action === undefined
        ? `Request to ${url.origin} failed: ${cause}.`
        : `Request to ${action} failed: ${cause} ${cited}`;
  const advice = effect.hint ?? adviceFor(fault);
  return new NetworkError("network", message, {
    reason: `${proxy ? `cannot connect through the proxy ${proxy.host}: ` : ""}${cause} ${cited}`,
    hint: certificate ? [describeCertificate(certificate), advice] : advice,
    cause: error,
    wasSent,
    isTransient,
  });
}

/** Returns a request as the end of a message: `(GET URL)`. */
export const describeRequest = ({ method, url }: Pick<FailedRequest, "method" | "url">): string =>
  `(${method} ${url.origin}${url.pathname})`;

/** Returns the error of an interrupted wait. @param effect of the request, `noEffect` if it was not sent. */
export const toInterruption = (
  url: URL,
  interrupt: AbortSignal,
  { kind, hint }: RequestEffect,
): InterruptedError =>
  new InterruptedError(`Interrupted while waiting for ${url.origin}.`, interrupt, {
    reason: `interrupted while waiting for ${url.origin}`,
    ...(hint !== undefined && { hint }),
    mayBeApplied: kind === "change",
  });

/** The cause of a fault in the words of Node, OpenSSL and curl, with the error code where one exists. */
function describeFault(
  { kind, code, wasSent, proxy }: NetworkFault,
  { url, timeout, statusReceived }: FailedRequest,
): string {
  const host = proxy ? proxy.host.replace(/:\d+$/, "") : url.hostname;
  switch (kind) {
    case "timeout":
      return `timed out after ${timeout / 1000}s${
        statusReceived !== undefined
          ? ` while reading the response (${statusReceived})`
          : wasSent
            ? " waiting for a response"
            : ""
      }`;
    case "host_not_found":
      return `could not resolve host ${host} (getaddrinfo ${code})`;
    case "hostname_mismatch":
      return `hostname mismatch: the certificate is not valid for ${host}`;
    case "proxy_authentication_required":
      return "proxy authentication required (407)";
    case "proxy_refused":
      return `the proxy responded with ${proxy?.status}`;
    case "tls_failure":
      return `TLS handshake failed (${code})`;
    case "other":
      return `the connection failed (${code || "no error code"})`;
    default:
      return `${causes[kind]}${/^(E|ERR_SSL_|UND_ERR_)[A-Z]/.test(code) ? ` (${code})` : ""}`;
  }
}

const causes = {
  connection_refused: "connection refused",
  connection_reset: "connection reset",
  connection_closed: "connection closed by the server",
  connection_timeout: "connection timed out",
  dns_failure: "temporary failure in name resolution",
  host_unreachable: "no route to host",
  network_unreachable: "network is unreachable",
  headers_too_large: "the response headers are too large",
  wrong_content_length: "the response body does not match its Content-Length",
  not_http: "the response is not HTTP",
  not_tls: "TLS handshake failed: no TLS on this port",
  self_signed_certificate: "self-signed certificate",
  untrusted_issuer:
    "the issuer of the certificate is not trusted (unable to get issuer certificate)",
  certificate_expired: "the certificate has expired",
  certificate_not_yet_valid: "the certificate is not yet valid",
  client_certificate_required: "the server requires a client certificate",
  client_certificate_rejected: "the server rejected the client certificate",
  handshake_failure: "TLS handshake failed, possibly for lack of a client certificate",
} as const satisfies Partial<Record<FaultKind, string>>;

const passClientCertificate =
  "Pass a client certificate with --cert-file and --key-file (TOKCTL_CERT_FILE, TOKCTL_KEY_FILE).";

/** Advice for TLS faults, with or without a proxy. */
const tlsAdvices: Readonly<Partial<Record<FaultKind, string>>> = {
  self_signed_certificate:
    "If you trust the server, save its certificate and pass it with --ca-file (TOKCTL_CA_FILE).",
  untrusted_issuer:
    "If you trust the issuer, for example your company's CA, pass its certificate with --ca-file (TOKCTL_CA_FILE). If the system trusts it, set SSL_CERT_FILE to the system's bundle.",
  certificate_expired:
    "Ask the server's administrator to renew the certificate, and check this machine's clock.",
  certificate_not_yet_valid: "Check this machine's clock: tokctl doctor",
  hostname_mismatch: "Check the URL. Another server may be responding.",
  client_certificate_required: passClientCertificate,
  handshake_failure: passClientCertificate,
  client_certificate_rejected:
    "Check that the client certificate is the one for this server and has not expired (--cert-file, --key-file).",
};

/** Advice for faults of a connection without a proxy. */
const connectionAdvices: Readonly<Partial<Record<FaultKind, string>>> = {
  not_tls: "The port may use plain HTTP. Check the port, or use http:// in the URL.",
  connection_refused: "Check the URL and its port. Diagnose with: tokctl doctor",
  host_not_found: "Check the host name in the URL. Diagnose with: tokctl doctor",
  not_http: "Check the URL and its port. Diagnose with: tokctl doctor",
  timeout: "Check the network, or increase --timeout. Diagnose with: tokctl doctor",
  connection_timeout: "Check the network, or increase --timeout. Diagnose with: tokctl doctor",
};

function adviceFor({ kind, proxy }: NetworkFault): string {
  if (proxy && kind === "proxy_authentication_required")
    return `Set ${proxy.variable} to http://USER:PASSWORD@${proxy.host}`;
  return (
    tlsAdvices[kind] ??
    (proxy
      ? `Check ${proxy.variable}, or list hosts that need no proxy in NO_PROXY. Diagnose with: tokctl doctor`
      : (connectionAdvices[kind] ?? "Check the URL and the network. Diagnose with: tokctl doctor"))
  );
}

function describeCertificate({ subject, issuer, validFrom, validTo }: Certificate): string {
  const [from, to] = [validFrom, validTo].map((date) =>
    Number.isNaN(date.getTime()) ? "?" : date.toISOString().slice(0, 10),
  );
  return `The certificate is for ${subject}, issued by ${issuer}, valid from ${from} to ${to}.`;
}
