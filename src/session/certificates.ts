import { createPrivateKey, X509Certificate } from "node:crypto";
import tls from "node:tls";
import { readText } from "../config/read-text.ts";
import { UsageError } from "../errors.ts";
import type { Host, InputStream, Tls } from "../host.ts";
import type { CertificateFiles, Setting } from "./target/setting.ts";

/**
 * The limit for PEM files. The bundle of the certificates that browsers trust has about 250 KiB.
 */
const limit = { thing: "PEM file", kibibytes: 1024 };
/** The limit for bundles of the system, which may be larger. */
const bundleLimit = { ...limit, kibibytes: 8 * 1024 };

/** Returns the name of a file in errors: the path, and the option, variable or profile key. */
const nameOf = ({ name, value }: Setting) => `${value} (${name})`;

/** The content of a PEM file. */
interface Pem {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the CA certificates of `--ca-file`, and the client certificate with its key.
 * @throws UsageError if a file can't be read or is invalid, or only one of certificate and key is given.
 */
export async function readCertificates(
  { caFile: ca, certFile: cert, keyFile: key }: CertificateFiles,
  { readFile, interrupt }: Pick<Host, "readFile" | "interrupt">,
): Promise<Tls> {
  const read = async (setting: Setting): Promise<Pem> => {
    const name = nameOf(setting);
    return { name, text: await readText(readFile(setting.value), name, interrupt, limit) };
  };
  const half = cert ? !key && cert : key;
  if (half)
    throw new UsageError(
      `${nameOf(half)} requires a ${half === cert ? "key" : "certificate"} too.`,
      { hint: "Pass both --cert-file and --key-file." },
    );
  return {
    // Node's `ca` option replaces its default certificates, so these are included.
    ca: ca && [...defaultCertificates(), ...parseCertificates(await read(ca))],
    ...(cert && key && parseClient(await read(cert), await read(key))),
  };
}

/**
 * Reads all trusted CA certificates: `authorities`, or else the defaults of Node, and those of bundles.
 * A bundle that can't be read is ignored, as in Node and OpenSSL; `tokctl doctor` reports it.
 */
export async function readAllTrusted(
  authorities: readonly string[] | undefined,
  bundles: readonly string[],
  { readFile, interrupt }: Pick<Host, "readFile" | "interrupt">,
): Promise<string[]> {
  const all = new Set(authorities ?? defaultCertificates());
  for (const path of bundles)
    for (const each of await readBundle(readFile(path), path, interrupt)) all.add(each);
  return [...all];
}

async function readBundle(file: InputStream, path: string, interrupt: AbortSignal) {
  try {
    return findBlocks(await readText(file, path, interrupt, bundleLimit)).filter(isCertificate);
  } catch (error) {
    if (error instanceof UsageError) return [];
    throw error;
  }
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}

const findBlocks = (text: string): readonly string[] =>
  text.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [];

/**
 * Returns the default certificates of Node. From Node 22.15 on, they include NODE_EXTRA_CA_CERTS
 * and --use-system-ca.
 */
function defaultCertificates(): readonly string[] {
  const node: typeof tls & { readonly getCACertificates?: () => string[] } = tls;
  return node.getCACertificates?.() ?? node.rootCertificates;
}

function parseCertificates({ name, text }: Pem): readonly string[] {
  const blocks = findBlocks(text);
  if (blocks.length === 0) throw notPem(name, "certificate");
  for (const block of blocks) attempt(() => new X509Certificate(block), name, "certificate");
  return blocks;
}

function parseClient(cert: Pem, key: Pem): Pick<Tls, "cert" | "key"> {
  const certificate = attempt(() => new X509Certificate(cert.text), cert.name, "certificate");
  if (key.text.includes("ENCRYPTED"))
    throw new UsageError(`Private key ${key.name} is encrypted, which is not supported.`, {
      hint: "Decrypt it into a file that only you can read: openssl pkey -in KEY -out NEW_KEY",
    });
  const privateKey = attempt(() => createPrivateKey(key.text), key.name, "private key");
  if (!certificate.checkPrivateKey(privateKey))
    throw new UsageError(`Private key ${key.name} does not match certificate ${cert.name}.`, {
      hint: "Pass the private key of that certificate.",
    });
  return { cert: cert.text, key: key.text };
}

/**
 * Replaces errors of OpenSSL, which don't contain the path of the file and may quote its content.
 */
function attempt<T>(parse: () => T, name: string, thing: string): T {
  try {
    return parse();
  } catch {
    throw notPem(name, thing);
  }
}

const notPem = (name: string, thing: string) =>
  new UsageError(`${name} contains no valid ${thing} in PEM format.`, {
    hint: `A PEM file contains -----BEGIN ${thing.toUpperCase()}-----. openssl converts other formats.`,
  });
