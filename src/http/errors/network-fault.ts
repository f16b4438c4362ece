import { ownValue } from "../../core/text.ts";

/** Error codes of Node, undici and OpenSSL, by the kind of fault that they report. */
const codes = {
  timeout: ["TimeoutError"],
  connection_refused: ["ECONNREFUSED"],
  connection_reset: ["ECONNRESET", "ECONNABORTED", "EPIPE"],
  connection_closed: ["UND_ERR_SOCKET"],
  connection_timeout: [
    "ETIMEDOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_BODY_TIMEOUT",
  ],
  host_not_found: ["ENOTFOUND"],
  dns_failure: ["EAI_AGAIN"],
  host_unreachable: ["EHOSTUNREACH"],
  network_unreachable: ["ENETUNREACH", "ENETDOWN"],
  headers_too_large: ["UND_ERR_HEADERS_OVERFLOW"],
  wrong_content_length: ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH"],
  not_http: ["HTTPParserError"],
  not_tls: ["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"],
  self_signed_certificate: ["DEPTH_ZERO_SELF_SIGNED_CERT"],
  untrusted_issuer: [
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_GET_ISSUER_CERT",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  ],
  certificate_expired: ["CERT_HAS_EXPIRED"],
  certificate_not_yet_valid: ["CERT_NOT_YET_VALID"],
  hostname_mismatch: ["ERR_TLS_CERT_ALTNAME_INVALID"],
  client_certificate_required: ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"],
  // TLS 1.2 has no alert for a missing client certificate; this one has other causes, too.
  handshake_failure: ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"],
} as const;

type CodedKind = keyof typeof codes;

/** The kind of a fault, independent of the library that reported it. */
export type FaultKind =
  | CodedKind
  | "client_certificate_rejected"
  | "tls_failure"
  | "proxy_authentication_required"
  | "proxy_refused"
  | "other";

const kindsByCode: Readonly<Record<string, CodedKind>> = Object.fromEntries(
  Object.entries(codes).flatMap(([kind, list]) => list.map((code) => [code, kind as CodedKind])),
);

/**
 * TLS alerts for a client certificate that is rejected or missing. In TLS 1.3 they arrive
 * after the handshake, but before the server reads any of the request.
 */
const clientCertificateAlert = /^ERR_SSL_\w+_ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED)$/;

/**
 * Faults that the next attempt may not have. An unknown host name and an invalid certificate are
 * not transient.
 */
const transientKinds: readonly FaultKind[] = [
  "connection_refused",
  "connection_reset",
  "connection_closed",
  "connection_timeout",
  "dns_failure",
  "host_unreachable",
  "network_unreachable",
];

/** The reason why a request got no complete response. */
export interface NetworkFault {
  readonly kind: FaultKind;
  /** The code of Node, undici or OpenSSL, or the name of an error without a code. */
  readonly code: string;
  /** Whether the request was sent, so that the server may have acted on it. */
  readonly wasSent: boolean;
  /** Whether another attempt may succeed. */
  readonly isTransient: boolean;
  /** The proxy that failed. */
  readonly proxy: ProxyError | undefined;
  /** The server's certificate, if the TLS handshake failed. */
  readonly certificate: Certificate | undefined;
}

/** Classifies an error of the transport by the chain of its causes. */
export function classifyNetworkFault(error: unknown): NetworkFault {
  const causes = causeChain(error);
  const code = codeOf(causes.at(-1));
  const proxy = causes.find((cause) => cause instanceof ProxyError);
  const codedKind = kindOf(code);
  return {
    kind: (codedKind !== "timeout" && kindOfProxyError(proxy)) || codedKind,
    code,
    wasSent: !causes.some(
      (cause) => cause instanceof NotConnectedError || clientCertificateAlert.test(codeOf(cause)),
    ),
    isTransient: transientKinds.includes(codedKind),
    proxy,
    certificate: causes.find((cause) => cause instanceof CertificateError)?.certificate,
  };
}

/** Returns whether the issuer of the server's certificate is not a trusted authority. */
export const isUntrustedIssuer = (error: unknown): boolean =>
  causeChain(error).some((cause) =>
    ["self_signed_certificate", "untrusted_issuer"].includes(kindOf(codeOf(cause))),
  );

function kindOf(code: string): FaultKind {
  const kind = ownValue(kindsByCode, code);
  if (kind !== undefined) return kind;
  if (clientCertificateAlert.test(code)) return "client_certificate_rejected";
  return /CERT|TLS|SSL/.test(code) ? "tls_failure" : "other";
}

const kindOfProxyError = (proxy: ProxyError | undefined): FaultKind | undefined =>
  proxy?.status === undefined
    ? undefined
    : proxy.status === 407
      ? "proxy_authentication_required"
      : "proxy_refused";

/** An error and its causes, the outermost first. */
const causeChain = (error: unknown): unknown[] =>
  error instanceof Error && error.cause instanceof Error
    ? [error, ...causeChain(error.cause)]
    : [error];

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

/** The connection failed before any byte of the request was sent: the server can't have acted on it. */
export class NotConnectedError extends Error {
  override name = "NotConnectedError";
  constructor(cause: unknown) {
    super("no connection", { cause });
  }
}

/** The certificate that a server presented. */
export interface Certificate {
  /** DNS names and IP addresses, separated by commas, or the common name. */
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** The TLS handshake failed after the server had presented its certificate. */
export class CertificateError extends Error {
  override name = "CertificateError";
  readonly certificate: Certificate;
  constructor(cause: unknown, certificate: Certificate) {
    super("certificate not accepted", { cause });
    this.certificate = certificate;
  }
}

/** A proxy rejected the tunnel or could not be reached. Contains no credentials of the proxy. */
export class ProxyError extends Error {
  override name = "ProxyError";
  readonly host: string;
  /** The environment variable with the proxy's URL. */
  readonly variable: string;
  /** Status of the proxy's response to CONNECT; undefined without a response. */
  readonly status: number | undefined;

  constructor(
    { host, variable }: { readonly host: string; readonly variable: string },
    { status, cause }: { readonly status?: number; readonly cause?: unknown },
  ) {
    super("no tunnel through the proxy", { cause });
    this.host = host;
    this.variable = variable;
    this.status = status;
  }
}
