import { createPrivateKey, X509Certificate } from "node:crypto";
import tls from "node:tls";
import { readText } from "../config/read-text.ts";
import { UsageError } from "../errors.ts";
import type { Host, InputStream, Tls } from "../host/host.ts";
import type { CertificateFiles, Setting } from "./setting.ts";

/** A bundle of all that browsers trust has a quarter of that. */
const limit = { thing: "PEM file", kibibytes: 1024 };
/** A system's bundle may be larger. */
const bundleLimit = { ...limit, kibibytes: 8 * 1024 };

/** What an error calls a file: who named it, and its path. */
const nameOf = ({ name, value }: Setting) => `${name} ${value}`;

/** A file's text in PEM. */
interface Pem {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads authorities to trust besides the usual ones, and the client's certificate with its key.
 * @throws UsageError naming the file that can't be read, holds something else, or lacks the other.
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
      `${nameOf(half)} is given without the ${half === cert ? "key" : "certificate"}.`,
      { hint: "A client certificate takes both, --cert-file and --key-file." },
    );
  return {
    // Node's `ca` replaces what it trusts by itself, so that is passed along.
    ca: ca && [...trustedAnyway(), ...parseCertificates(await read(ca))],
    ...(cert && key && parseClient(await read(cert), await read(key))),
  };
}

/**
 * Reads all that is trusted: authorities that were given, or else Node's own, and those of bundles.
 * One that can't be read adds nothing, as Node and OpenSSL have it; `doctor` names it.
 */
export async function readAllTrusted(
  authorities: readonly string[] | undefined,
  bundles: readonly string[],
  { readFile, interrupt }: Pick<Host, "readFile" | "interrupt">,
): Promise<string[]> {
  const all = new Set(authorities ?? trustedAnyway());
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

/** Since Node 22.15 this includes what NODE_EXTRA_CA_CERTS and --use-system-ca add. */
function trustedAnyway(): readonly string[] {
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
    throw new UsageError(`${key.name} is encrypted.`, {
      hint: "tokctl asks for no passphrase: decrypt it with openssl pkey, into a file that only you can read.",
    });
  const privateKey = attempt(() => createPrivateKey(key.text), key.name, "private key");
  if (!certificate.checkPrivateKey(privateKey))
    throw new UsageError(`${key.name} is not the key of ${cert.name}.`, {
      hint: "Pass the key that the certificate was made for.",
    });
  return { cert: cert.text, key: key.text };
}

/** OpenSSL's own words say nothing of the file, and might quote it: they are not kept. */
function attempt<T>(parse: () => T, name: string, thing: string): T {
  try {
    return parse();
  } catch {
    throw notPem(name, thing);
  }
}

const notPem = (name: string, thing: string) =>
  new UsageError(`${name} holds no ${thing} in PEM, or a broken one.`, {
    hint: `It looks like -----BEGIN ${thing.toUpperCase()}-----, and may be converted with openssl.`,
  });
