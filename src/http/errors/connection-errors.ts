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
