import { ownValue } from "../core/text.ts";
import { CliError, type ErrorCode, type ErrorDetails, InterruptedError } from "../errors.ts";
import { codeIfLost } from "./errors.ts";

/** A request got no whole reply. */
export class NetworkError extends CliError {
  override name = "NetworkError";
  /** It went out, so that what it asks for may have been done. */
  readonly wasSent: boolean;
  /** Another attempt may well get through. */
  readonly isPassing: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails & Pick<NetworkError, "wasSent" | "isPassing">,
  ) {
    super(code, message, details);
    this.wasSent = details.wasSent;
    this.isPassing = details.isPassing;
  }
}

/** No connection to the server was made, so that nothing can have happened there. */
export class NotConnectedError extends Error {
  override name = "NotConnectedError";
  constructor(cause: unknown) {
    super("no connection", { cause });
  }
}

/** What a server shows of itself. */
export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** TLS failed once a server had shown its certificate. */
export class CertificateError extends Error {
  override name = "CertificateError";
  readonly certificate: Certificate;
  constructor(cause: unknown, certificate: Certificate) {
    super("certificate not accepted", { cause });
    this.certificate = certificate;
  }
}

/** A proxy that led nowhere. Of its URL only what may be shown is kept. */
export class ProxyError extends Error {
  override name = "ProxyError";
  readonly host: string;
  /** The variable that names it. */
  readonly variable: string;
  /** What it answered, if it did. */
  readonly status: number | undefined;

  constructor(
    { host, variable }: { readonly host: string; readonly variable: string },
    { status, cause }: { readonly status?: number; readonly cause?: unknown },
  ) {
    super("no way through the proxy", { cause });
    this.host = host;
    this.variable = variable;
    this.status = status;
  }
}

/**
 * A server's verdict on the client certificate, or on there being none. In TLS 1.3 it comes after
 * the connection stood, but before anything that was sent is read.
 */
const refusedCertificate = /^ERR_SSL_\w+_ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED)$/;

/**
 * What may pass by itself: a server that is being started anew, a connection that was cut, a network
 * that is away for a moment. Not a name that is not known, nor what is wrong with TLS or a proxy.
 */
const passing: readonly string[] = [
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EAI_AGAIN",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
];

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name could not be looked up",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no network",
  ECONNRESET: "the connection was cut",
  UND_ERR_SOCKET: "the connection was cut",
  UND_ERR_HEADERS_OVERFLOW: "its reply has more headers, or longer ones, than are read",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "its reply is not as long as it says",
  UND_ERR_CONNECT_TIMEOUT: "it did not accept a connection in time",
  HTTPParserError: "it does not speak HTTP",
  EPROTO: "it does not speak TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "it does not speak TLS",
};

/** What stands in the way, and what to do about it. */
interface Fault {
  readonly reason: string;
  readonly hint?: string;
}

const selfSigned: Fault = {
  reason: "its certificate is self-signed, so that nothing vouches for it",
  hint: "If you trust it, save it and pass it with --ca-file (TOKCTL_CA_FILE).",
};
const unknownIssuer: Fault = {
  reason: "the issuer of its certificate is not known here",
  hint: "If you trust the issuer, perhaps your company's, pass its certificate with --ca-file (TOKCTL_CA_FILE). If the system trusts it, set SSL_CERT_FILE to the system's bundle.",
};
const noClientCertificate: Fault = {
  reason: "it wants a client certificate",
  hint: "Pass one with --cert-file and --key-file (TOKCTL_CERT_FILE, TOKCTL_KEY_FILE).",
};
const refusedClientCertificate: Fault = {
  reason: "it did not accept the client certificate",
  hint: "Is it the one for this server, and has it expired? See --cert-file and --key-file.",
};

/** OpenSSL's codes for a certificate of which no trusted authority is the issuer. */
const unknownIssuerCodes: readonly string[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];

/** Returns whether a connection failed because the issuer of the server's certificate is not trusted. */
export const isIssuerUnknown = (error: unknown): boolean =>
  chainOf(error).some((link) => unknownIssuerCodes.includes(codeOf(link)));

/** By OpenSSL's codes for certificates, and its names for a server's alerts. */
const faults: Readonly<Record<string, Fault>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: selfSigned,
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer,
  CERT_HAS_EXPIRED: {
    reason: "its certificate has expired",
    hint: "Whoever runs it has to renew the certificate; is this machine's clock right?",
  },
  CERT_NOT_YET_VALID: {
    reason: "its certificate is not valid yet",
    hint: "Is this machine's clock right?",
  },
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: noClientCertificate,
  // Before TLS 1.3 there is no word for it, and this one may mean something else.
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: {
    ...noClientCertificate,
    reason: "it refused the TLS handshake, perhaps for lack of a client certificate",
  },
};

/**
 * The error for a request that got no whole reply. If it may have changed something, and its
 * result is lost, the outcome is unknown; a request that can be repeated safely is only a network
 * error.
 */
export function toNetworkError(
  error: unknown,
  {
    method,
    url,
    timeout,
    interrupt,
    ifLost,
    wasSentBefore = false,
    begun,
  }: {
    readonly method: string;
    readonly url: URL;
    readonly timeout: number;
    readonly interrupt: AbortSignal;
    readonly ifLost: string | undefined;
    /** An earlier attempt was sent, and what became of it is not known. */
    readonly wasSentBefore?: boolean | undefined;
    /** The status of a response whose head was received. */
    readonly begun?: number | undefined;
  },
): CliError {
  const causes = chainOf(error);
  const wasSent = !causes.some(
    (link) => link instanceof NotConnectedError || refusedCertificate.test(codeOf(link)),
  );
  const mayHaveHappened = method !== "GET" && (wasSent || wasSentBefore);
  const lost = mayHaveHappened ? ifLost : undefined;
  if (interrupt.aborted)
    return new InterruptedError(`Stopped while waiting for ${url.origin}.`, interrupt, {
      ...(lost !== undefined && { hint: lost }),
    });
  const proxy = causes.find((link) => link instanceof ProxyError);
  const { reason, hint } = faultOf(causes.at(-1), proxy, { url, timeout, begun, wasSent });
  const isPassing = passing.includes(codeOf(causes.at(-1)));
  const code = codeIfLost({ method, ifLost: lost }, "network");
  if (lost !== undefined && code === "outcome_unknown")
    return new NetworkError(
      code,
      `The request was sent to ${url.origin}, but its answer was lost: ${reason}.`,
      { hint: lost, cause: error, wasSent, isPassing },
    );
  const refused = causes.find((link) => link instanceof CertificateError);
  return new NetworkError(
    "network",
    proxy
      ? `The proxy ${proxy.host} made no connection to ${url.origin}: ${reason}.`
      : wasSent
        ? `No whole answer came from ${url.origin}: ${reason}.`
        : `${url.origin} can't be reached: ${reason}.`,
    {
      hint: [
        ...(refused ? [describeCertificate(refused)] : []),
        lost ??
          hint ??
          (proxy
            ? `Check ${proxy.variable}; hosts that are reached without a proxy belong in NO_PROXY.`
            : "Check the address, the network and --timeout."),
      ],
      cause: error,
      wasSent,
      isPassing,
    },
  );
}

function describeCertificate({ certificate }: CertificateError): string {
  const { subject, issuer, validFrom, validTo } = certificate;
  const [from, to] = [validFrom, validTo].map((date) =>
    Number.isNaN(date.getTime()) ? "?" : date.toISOString().slice(0, 10),
  );
  return `The certificate is for ${subject}, issued by ${issuer}, valid from ${from} to ${to}.`;
}

function faultOf(
  cause: unknown,
  proxy: ProxyError | undefined,
  {
    url,
    timeout,
    begun,
    wasSent,
  }: {
    readonly url: URL;
    readonly timeout: number;
    readonly begun: number | undefined;
    readonly wasSent: boolean;
  },
): Fault {
  if (isLate(cause)) return { reason: describeTimeout(timeout, begun, wasSent) };
  if (proxy?.status === 407)
    return {
      reason: "it wants a user name and password, or others (407)",
      hint: `They belong in ${proxy.variable}, as in http://USER:PASSWORD@${proxy.host}.`,
    };
  if (proxy?.status !== undefined) return { reason: `it answered ${proxy.status}` };
  const code = codeOf(cause);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return {
      reason: `its certificate is not for the name ${proxy ? proxy.host.replace(/:\d+$/, "") : url.hostname}`,
      hint: "Is the address right? Something else may be answering in its place.",
    };
  return (
    ownValue(faults, code) ??
    (refusedCertificate.test(code) ? refusedClientCertificate : { reason: sentenceFor(code) })
  );
}

function describeTimeout(timeout: number, begun: number | undefined, wasSent: boolean): string {
  const timedOut = `timed out after ${timeout / 1000}s`;
  if (begun !== undefined) return `its response (${begun}) began, but ${timedOut}`;
  return wasSent ? `${timedOut} waiting for a response` : `the connection ${timedOut}`;
}

const isLate = (cause: unknown): boolean => cause instanceof Error && cause.name === "TimeoutError";

const sentenceFor = (code: string): string =>
  ownValue(sentences, code) ??
  (code.includes("CERT") || code.includes("TLS") || code.includes("SSL")
    ? `its TLS certificate or protocol was not accepted (${code})`
    : `the connection failed (${code || "no reason given"})`);

/** An error and what caused it, the outermost first. */
const chainOf = (error: unknown): unknown[] =>
  error instanceof Error && error.cause instanceof Error
    ? [error, ...chainOf(error.cause)]
    : [error];

/** What kind of error it is, for a program: its code, or its name if it has none. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
