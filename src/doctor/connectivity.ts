import { isIP } from "node:net";
import { anySignal, raceAbort } from "../core/async.ts";
import type { Transport } from "../core/connection.ts";
import { dayMs } from "../core/expiry.ts";
import { parseHttpDate } from "../core/time.ts";
import { isLoopback } from "../core/url.ts";
import { CliError, InterruptedError } from "../errors.ts";
import type { Peer } from "../host/host.ts";
import { exchange } from "../http/exchange.ts";
import { type HttpResponse, readResponse } from "../http/response.ts";
import type { CheckResult, Examine } from "./check.ts";
import type { DoctorContext } from "./context.ts";

/** Seconds by which a clock may be wrong. */
const tolerance = 60;
/** Milliseconds that nobody would call slow. */
const patience = 2000;
/** A certificate that ends sooner is worth a word, in milliseconds. */
const notice = 14 * dayMs;

/** Looks at the way to the server, step by step. @returns whether it was reached. */
export async function checkConnectivity(
  patient: DoctorContext,
  url: URL | undefined,
  examine: Examine,
): Promise<true | undefined> {
  const { host } = patient;
  const isHere = url !== undefined && isLoopback(url.hostname);
  const proxy = await examine("proxy", () => lookAtProxy(patient, isHere));
  const network = await examine("certificates", async () => {
    const network = await patient.network(patient.certificates());
    const hint = await findUnreadable(patient.host);
    return { detail: describeTrust(patient), hint, found: network };
  });
  let peer: Peer | undefined;
  const seen = (each: Peer) => {
    peer = each;
  };
  const transport = network && patient.transport({ ...network, seen });
  // Behind a proxy only that need know the server's name.
  const name = proxy && (proxy.hostname ?? url?.hostname);
  await examine(
    "dns",
    name === undefined || !transport ? undefined : () => lookUp(name, host.lookup, transport),
  );
  const reply = await examine(
    "connection",
    url && transport && (() => connect(patient, url, transport)),
  );
  await examine("tls", reply && (() => describePeer(peer, host.now())));
  await examine("clock", reply && (() => compareClocks(reply, host.now())));
  await examine(
    "latency",
    url &&
      transport &&
      reply &&
      (async () => {
        const started = host.now().getTime();
        await ask(patient, url, transport);
        const elapsed = host.now().getTime() - started;
        return {
          detail: `${elapsed} ms`,
          hint:
            elapsed > patience
              ? "The way is slow, or the server is: is there a nearer --region?"
              : undefined,
          found: true,
        };
      }),
  );
  return reply && true;
}

interface ProxyInForce {
  /** Undefined without a proxy. */
  readonly hostname?: string;
}

/** @throws UsageError for a variable that names none. */
async function lookAtProxy(
  patient: DoctorContext,
  isHere: boolean,
): Promise<CheckResult<ProxyInForce>> {
  const { proxy } = await patient.network({});
  if (!proxy) return { detail: "none", found: {} };
  const { parseProxyUrl } = await import("../http/transport/proxy.ts");
  const { host, hostname } = parseProxyUrl(proxy.url, proxy.variable).url;
  if (isHere) return { detail: `${host} (${proxy.variable}), but not for this machine`, found: {} };
  const exceptions = proxy.exceptions === "" ? "" : `, but not for ${proxy.exceptions} (NO_PROXY)`;
  return { detail: `${host} (${proxy.variable})${exceptions}`, found: { hostname } };
}

/** The variables that name a file of trusted certificates. */
const bundleVariables = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"] as const;

/** Returns a hint for files of certificates that add nothing to what is trusted. */
async function findUnreadable(host: DoctorContext["host"]): Promise<string | undefined> {
  const unreadable: string[] = [];
  for (const name of bundleVariables) {
    const path = host.env[name];
    if (!path) continue;
    const { readAllTrusted } = await import("../session/certificates.ts");
    if ((await readAllTrusted([], [path], host)).length === 0) unreadable.push(name);
  }
  return unreadable.length === 0
    ? undefined
    : `${unreadable.join(" and ")} names no readable file with certificates in PEM, and is ignored.`;
}

function describeTrust({ certificates, host: { env } }: DoctorContext): string {
  const { caFile, certFile } = certificates();
  return [
    "those that Node trusts",
    ...(caFile ? [`those of ${caFile.value} (${caFile.source})`] : []),
    ...bundleVariables.flatMap((name) => (env[name] ? [`those of ${env[name]} (${name})`] : [])),
    ...(certFile ? [`for ourselves ${certFile.value} (${certFile.source})`] : []),
  ].join("; ");
}

/** @throws CliError `network` for a name that is not known, InterruptedError. */
async function lookUp(
  name: string,
  lookup: DoctorContext["host"]["lookup"],
  { deadline, interrupt, timeout }: Transport,
): Promise<CheckResult<true>> {
  const address = name.replace(/^\[|\]$/g, "");
  if (isLoopback(name)) return { detail: `${address} is this machine`, found: true };
  if (isIP(address) !== 0) return { detail: `${address} needs none`, skipped: true, found: true };
  const { signal, release } = anySignal(deadline(timeout), interrupt);
  try {
    const addresses = await raceAbort(lookup(address), signal, () => signal.reason);
    return { detail: `${address} is ${addresses.join(", ")}`, found: true };
  } catch (error) {
    if (interrupt.aborted)
      throw new InterruptedError(`Stopped while looking up ${address}.`, interrupt);
    const code = error instanceof Error && "code" in error ? error.code : "no answer in time";
    throw new CliError("network", `The name ${address} can't be looked up (${code}).`, {
      hint: "Is it spelt right, and is there a network? Behind a proxy, set HTTPS_PROXY.",
      cause: error,
    });
  } finally {
    release();
  }
}

/** Asks what anybody may ask. @throws CliError without an answer. */
const ask = (patient: DoctorContext, url: URL, transport: Transport): Promise<HttpResponse> =>
  exchange(
    {
      method: "GET",
      url: new URL(`${url.href.replace(/\/$/, "")}${patient.provider().clockPath ?? "/"}`),
      headers: { accept: "application/json", "user-agent": transport.userAgent },
    },
    transport,
    (reply) => readResponse(reply, { method: "GET", ifLost: undefined }),
  );

async function connect(
  patient: DoctorContext,
  url: URL,
  transport: Transport,
): Promise<CheckResult<HttpResponse>> {
  const { now } = patient.host;
  const started = now().getTime();
  const reply = await ask(patient, url, transport);
  return {
    detail: `it answered ${reply.status} in ${now().getTime() - started} ms`,
    hint: hintFor(reply.status),
    found: reply,
  };
}

const hintFor = (status: number): string | undefined =>
  status >= 500
    ? "The server has trouble, or something before it: try again later."
    : status >= 300 && status < 400
      ? "It leads elsewhere: is the URL the API's own?"
      : undefined;

function describePeer(peer: Peer | undefined, now: Date): CheckResult<true> {
  if (!peer) return { detail: "plain http: not encrypted", skipped: true, found: true };
  const { protocol, issuer, validTo } = peer;
  return {
    detail: `${protocol}, certificate of ${issuer} until ${validTo.toISOString().slice(0, 10)}`,
    hint:
      validTo.getTime() - now.getTime() < notice
        ? "It ends soon: whoever runs the server has to renew it."
        : undefined,
    found: true,
  };
}

/** The server's clock, by an answer that is the time in seconds, or by its Date (RFC 9110 §6.6.1). */
function compareClocks({ json, header }: HttpResponse, now: Date): CheckResult<true> {
  const date = header("date");
  const theirs = typeof json === "number" ? json * 1000 : parseHttpDate(date ?? "");
  if (Number.isNaN(theirs))
    return { detail: "the server does not tell its time", skipped: true, found: true };
  const seconds = Math.round((now.getTime() - theirs) / 1000);
  const away = Math.abs(seconds);
  return {
    detail:
      away <= 1 ? "the server's" : `${away} s ${seconds > 0 ? "ahead of" : "behind"} the server's`,
    hint:
      away > tolerance ? "Set this machine's clock: what expires when is told by it." : undefined,
    found: true,
  };
}
