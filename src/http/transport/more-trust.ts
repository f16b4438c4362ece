import type { SecureContext } from "node:tls";
import type { Tls } from "../../host/host.ts";
import { isUntrustedIssuer } from "../network-fault.ts";
import type { Connect } from "./connect.ts";

/** TLS options for one connector. */
type TlsOptions = Omit<Tls, "readAllTrusted"> & { readonly secureContext?: SecureContext };

/**
 * Connects with the certificates that are trusted anyway and, where the issuer of a server's
 * certificate is not among them, once more with all that are trusted: to read those takes longer
 * than most commands. Nothing was sent by then.
 * @param create makes a connector.
 */
export function withMoreTrust(
  { readAllTrusted, ...usual }: Tls,
  create: (tls: TlsOptions) => Connect,
): Connect {
  const connect = create(usual);
  if (!readAllTrusted) return connect;
  let trusting: Promise<Connect> | undefined;
  async function createTrusting(readAll: () => Promise<string[]>): Promise<Connect> {
    const ca = await readAll();
    const { createSecureContext } = await import("node:tls");
    // One context for all connections: making it is what takes long.
    return create({ ...usual, secureContext: createSecureContext({ ...usual, ca }) });
  }
  return (target, callback) => {
    const connectTrusting = () => {
      trusting ??= createTrusting(readAllTrusted);
      trusting.then(
        (again) => again(target, callback),
        (error: Error) => callback(error, null),
      );
    };
    if (trusting) return connectTrusting();
    connect(target, (...[error, socket]) => {
      if (socket) callback(null, socket);
      else if (isUntrustedIssuer(error)) connectTrusting();
      else callback(error, null);
    });
  };
}
