import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Duplex } from "node:stream";
import { rootCertificates, type TlsOptions } from "node:tls";
import { getRequestListener } from "@hono/node-server";
import { any } from "valibot";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Network } from "../../src/host.ts";
import { createHttpClient } from "../../src/http/client.ts";
import { createFetch } from "../../src/http/transport/undici.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";
import type { RunOptions } from "../support/outcome.ts";
import {
  type Answer,
  listen,
  type ProxyOptions,
  pem,
  refuse,
  serveTls,
  startProxy,
} from "../support/proxy.ts";
import { createSurroundings, runTokctl, standalone } from "../support/spawn.ts";
import { createWorld, type World } from "../support/world.ts";

const api = "https://api.example.test";
const create = "token create ci -r ai_training_read";
const trust = `--ca-file ${pem("authority")}`;

/** The certificate of a proxy that is reached by TLS. */
const identity: TlsOptions = { cert: readFileSync(pem("server")), key: readFileSync(pem("key")) };

interface Servers {
  readonly world?: World;
  readonly cert?: string;
  readonly tls?: TlsOptions;
  /** Handles requests in place of the sandbox. */
  readonly listener?: RequestListener;
  readonly proxy?: ProxyOptions;
}

/** Starts the sandbox behind TLS and a proxy in front of it. */
async function start({
  world = createWorld(),
  cert,
  tls,
  listener,
  proxy: proxyOptions,
}: Servers = {}) {
  const received: string[] = [];
  const answer = listener ?? getRequestListener(world.sandbox.fetch);
  const port = await serveTls(
    (request, response) => {
      received.push(`${request.method} ${request.url}`);
      return answer(request, response);
    },
    cert,
    tls,
  );
  const proxy = await startProxy(port, proxyOptions);
  return {
    world,
    port,
    proxy,
    /** The requests that reached the API. */
    received,
    run: (line: string, { env, ...options }: RunOptions = {}) =>
      world.run(line, {
        createFetch,
        env: { TOKCTL_URL: api, HTTPS_PROXY: proxy.url, ...env },
        ...options,
      }),
  };
}

/** Returns a host and port that refuse connections. */
async function nowhere(): Promise<string> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `127.0.0.1:${port}`;
}

describe("a proxy", () => {
  test("opens one tunnel for several requests, and receives no credential", async () => {
    const { run, proxy, received, world } = await start();
    await run(`${create} ${trust}`);
    const { code } = await run(`token delete ci ${trust}`);
    expect(code).toBe(0);
    expect(new Set(proxy.seen)).toEqual(new Set(["CONNECT api.example.test:443"]));
    expect(proxy.seen.length).toBeLessThan(received.length);
    const headers = JSON.stringify(proxy.requests.map((request) => request.rawHeaders));
    expect(headers).not.toContain(world.environment["TOKCTL_APP_TOKEN"]);
    expect(headers).not.toMatch(/authorization/i);
  });

  test.each<[string, (host: string) => Record<string, string | undefined>]>([
    ["HTTPS_PROXY", (host) => ({ HTTPS_PROXY: `http://${host}` })],
    ["https_proxy", (host) => ({ https_proxy: `http://${host}` })],
    ["HTTP_PROXY", (host) => ({ HTTP_PROXY: `http://${host}` })],
    ["http_proxy", (host) => ({ http_proxy: `http://${host}` })],
    ["HTTPS_PROXY without a scheme", (host) => ({ HTTPS_PROXY: host })],
    ["HTTPS_PROXY with a slash", (host) => ({ HTTPS_PROXY: `http://${host}/` })],
    [
      "HTTPS_PROXY before HTTP_PROXY",
      (host) => ({ HTTPS_PROXY: host, HTTP_PROXY: "http://127.0.0.1:1" }),
    ],
    ["https_proxy before HTTPS_PROXY", (host) => ({ https_proxy: host, HTTPS_PROXY: "[" })],
    ["HTTP_PROXY after an empty HTTPS_PROXY", (host) => ({ HTTPS_PROXY: "", HTTP_PROXY: host })],
  ])("is configured by %s", async (_, env) => {
    const { run, proxy } = await start();
    const { code } = await run(`whoami ${trust}`, {
      env: { HTTPS_PROXY: undefined, ...env(proxy.host) },
    });
    expect(code).toBe(0);
    expect(proxy.seen).toEqual(["CONNECT api.example.test:443"]);
  });

  test("receives a port other than 443", async () => {
    const { run, proxy } = await start();
    const { code } = await run(`whoami ${trust}`, { env: { TOKCTL_URL: `${api}:8443/` } });
    expect(code).toBe(0);
    expect(proxy.seen).toEqual(["CONNECT api.example.test:8443"]);
  });

  test("that is reached by TLS is verified with the same authorities, and receives no client certificate", async () => {
    const { run, proxy } = await start({
      proxy: {
        tls: {
          ...identity,
          requestCert: true,
          rejectUnauthorized: false,
        },
      },
    });
    const client = `--cert-file ${pem("client")} --key-file ${pem("key")}`;
    expect(await run(`whoami -q ${trust} ${client}`)).toMatchObject({ code: 0, stderr: "" });
    expect(proxy.certificates).toEqual([{}]);
  });

  // Linux and macOS connect 0.0.0.0 to this machine, but it is not a loopback address.
  test.each(["0.0.0.0", "*", "example.com,0.0.0.0", "0.0.0.0:PORT", " 0.0.0.0 other"])(
    "is not used for hosts in NO_PROXY: %s",
    async (exceptions) => {
      const { run, proxy, port } = await start();
      const env = { TOKCTL_URL: `https://0.0.0.0:${port}` };
      const list = exceptions.replace("PORT", String(port));
      for (const variable of ["NO_PROXY", "no_proxy"])
        expect((await run(`whoami ${trust}`, { env: { ...env, [variable]: list } })).code).toBe(0);
      expect(proxy.seen).toEqual([]);
      expect((await run(`whoami ${trust}`, { env: { ...env, NO_PROXY: "0.0.0.1" } })).code).toBe(0);
      expect(proxy.seen).toEqual([`CONNECT 0.0.0.0:${port}`]);
    },
  );

  test.each(["http://127.0.0.1:1", "socks5://127.0.0.1:1", "nonsense://"])(
    "is never used for loopback addresses: %s",
    async (url) => {
      const { run, port, world } = await start();
      const plain = await listen(createServer(getRequestListener(world.sandbox.fetch)));
      for (const address of [
        `https://127.0.0.1:${port}`,
        `http://127.0.0.1:${plain}`,
        `http://localhost:${plain}`,
        `http://sandbox.localhost:${plain}`,
      ]) {
        const env = { TOKCTL_URL: address, HTTPS_PROXY: url, HTTP_PROXY: url };
        expect(await run(`whoami -q ${trust}`, { env })).toMatchObject({ code: 0, stderr: "" });
      }
    },
  );
});

describe("a proxy that requires authentication", () => {
  const wanting = (user: string, password: string): Answer => {
    const expected = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    return (socket, { headers }) =>
      socket.end(
        headers["proxy-authorization"] === expected
          ? "HTTP/1.1 418 That is right\r\n\r\n"
          : "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
      );
  };

  test.each([
    ["us%40er:s3%3Acr3t@", "us@er", "s3:cr3t"],
    ["s3cr3t@", "s3cr3t", ""],
    [":s3cr3t@", "", "s3cr3t"],
  ])("receives the credentials in %s", async (credentials, user, password) => {
    const { run, proxy } = await start({ proxy: { answer: wanting(user, password) } });
    const env = { HTTPS_PROXY: `http://${credentials}${proxy.host}` };
    const { code, stderr } = await run(`${create} --debug`, { env });
    expect(code).toBe(8);
    const { message } = errorOf({ stderr });
    for (const fact of [proxy.host, api, "418"]) expect(message).toContain(fact);
    expect(stderr).not.toMatch(/s3|cr3t|us(%40|@)er/);
  });

  test.each(["", "user:s3cr3t@"])(
    "and receives %j is named in the error, with its variable",
    async (credentials) => {
      const { run, proxy, received } = await start({ proxy: { answer: wanting("a", "b") } });
      const env = { HTTPS_PROXY: undefined, http_proxy: `http://${credentials}${proxy.host}` };
      const { code, stdout, stderr } = await run(`${create} --debug`, { env });
      expect({ code, stdout, received }).toEqual({ code: 8, stdout: "", received: [] });
      const { message, hint } = errorOf({ stderr });
      for (const fact of [proxy.host, api, "407"]) expect(message).toContain(fact);
      expect(hint).toContain("http_proxy");
      expect(stderr).not.toMatch(/s3cr3t|user:/);
    },
  );
});

describe("if the proxy opens no tunnel, nothing is sent and the proxy is named:", () => {
  test.each<[string, Answer, ...string[]]>([
    ["403", refuse("403 Forbidden"), "403"],
    ["404", refuse("404 Not Found"), "404"],
    ["502", refuse("502 Bad Gateway"), "502"],
    ["a redirect", refuse("302 Found"), "302"],
    ["a response that is not HTTP", (socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"), "HTTP"],
    ["a closed connection", (socket) => socket.end()],
    ["a connection reset", (socket) => socket.destroy()],
  ])("%s", async (_, answer, ...reasons) => {
    const { run, proxy, received } = await start({ proxy: { answer } });
    for (const line of ["whoami", create, `token delete ${"0".repeat(36)} -y`]) {
      const { code, stdout, stderr } = await run(`${line} --retries 0`);
      expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
      const { code: error, message, hint } = errorOf({ stderr });
      expect(error).toBe("network");
      for (const fact of [proxy.host, api, ...reasons]) expect(message).toContain(fact);
      expect(hint).toContain("HTTPS_PROXY");
    }
    expect(proxy.seen.length).toBeGreaterThanOrEqual(3);
    expect(received).toEqual([]);
  });

  test("a refused connection", async () => {
    const { run } = await start();
    const host = await nowhere();
    const { code, stderr } = await run(create, { env: { HTTPS_PROXY: `http://u:s3cr3t@${host}` } });
    expect(code).toBe(8);
    const { message, hint } = errorOf({ stderr });
    for (const fact of [host, api]) expect(message).toContain(fact);
    expect(hint).toContain("HTTPS_PROXY");
    expect(stderr).not.toContain("s3cr3t");
  });

  test.each([
    ["127.0.0.1", "", true],
    ["localhost", trust, false],
  ])("an invalid certificate of a proxy at %s", async (name, options, isUntrustedIssuer) => {
    const { run, proxy, received } = await start({
      proxy: { tls: identity },
    });
    const url = proxy.url.replace("127.0.0.1", name);
    const { code, stderr } = await run(`${create} ${options}`, { env: { HTTPS_PROXY: url } });
    expect(code).toBe(8);
    const { message, hint } = errorOf({ stderr });
    for (const fact of [new URL(url).host, "certificate"]) expect(message).toContain(fact);
    expect(hint?.includes("--ca-file")).toBe(isUntrustedIssuer);
    expect({ seen: proxy.seen, received }).toEqual({ seen: [], received: [] });
  });

  test.each([
    "socks5://u:s3cr3t@127.0.0.1:1080",
    "ftp://u:s3cr3t@127.0.0.1",
    "http://",
    "http://u:s3cr3t@[",
    "http://u:s3cr3t%zz@127.0.0.1",
    "s3cr3t s3cr3t",
  ])("%s in HTTPS_PROXY is a usage error", async (url) => {
    const { run, received } = await start();
    const { code, stdout, stderr } = await run(`${create} --debug`, { env: { HTTPS_PROXY: url } });
    expect({ code, stdout, received }).toEqual({ code: 2, stdout: "", received: [] });
    expect(stderr).toContain("HTTPS_PROXY");
    expect(stderr).not.toContain("s3cr3t");
  });
});

describe("through an open tunnel", () => {
  test("a create that meets a connection reset has an unknown outcome", async () => {
    const { run, received } = await start({ listener: listing(({ socket }) => socket.destroy()) });
    const { code, stderr } = await run(`${create} ${trust}`);
    expect(code).toBe(10);
    const { hint } = errorOf({ stderr });
    for (const fact of ['"ci"', "tokctl recover"]) expect(hint).toContain(fact);
    expect(received.filter((line) => line.startsWith("POST"))).toEqual(["POST /v1/token"]);
  });

  test("a TLS failure after a create was sent is an unknown outcome, and the message names TLS", async () => {
    let spoil = () => {};
    const { run, proxy } = await start({ listener: listing(() => spoil()) });
    spoil = () => void proxy.requests.at(-1)?.socket.end("This is no record of TLS.");
    const { code, stderr } = await run(`${create} ${trust}`);
    expect(code).toBe(10);
    expect(errorOf({ stderr })).toMatchObject({
      code: "outcome_unknown",
      message: expect.stringMatching(/TLS|SSL/),
    });
  });

  test("407 from the API is an error of the API, not of the proxy", async () => {
    const { run, proxy } = await start({
      listener: (_, response) => response.writeHead(407).end(),
    });
    const { code, stderr } = await run(`whoami ${trust}`);
    expect(code).toBe(12);
    expect(errorOf({ stderr })).toMatchObject({
      code: "server_error",
      message: expect.stringContaining(`${api}/v1/me`),
    });
    expect(stderr).not.toContain(proxy.host);
  });
});

/** Has no tokens, and handles other requests with `change`. */
const listing =
  (change: RequestListener): RequestListener =>
  (request, response) => {
    if (request.method !== "GET") return change(request, response);
    response.setHeader("content-type", "application/json");
    response.end('{"items":[],"metadata":{"total":0}}');
  };

describe("while", () => {
  /** The phases of a run that can time out, and the exit code of a create then. */
  const phases = [
    ["the proxy opens the tunnel", (arrived: () => void) => ({ proxy: { answer: arrived } }), 8],
    [
      "the TLS handshake with the API lasts",
      (arrived: () => void) => ({
        proxy: {
          answer: (socket: Duplex) => {
            socket.write("HTTP/1.1 200 OK\r\n\r\n");
            socket.once("data", arrived);
          },
        },
      }),
      8,
    ],
    ["the API works on the request", (arrived: () => void) => ({ listener: listing(arrived) }), 10],
  ] as const;

  test.each(phases)("%s, ^C ends a create", async (_, servers, code) => {
    const interrupt = new AbortController();
    const { run } = await start(servers(() => interrupt.abort("SIGINT")));
    const outcome = await run(`${create} ${trust}`, { interrupt: interrupt.signal });
    expect(outcome.code).toBe(130);
    expect(outcome.stderr.includes("tokctl recover")).toBe(code === 10);
  });

  test.each(phases)("%s, a create times out", async (_, servers, exitCode) => {
    const deadline = new AbortController();
    const late = () => deadline.abort(new DOMException("late", "TimeoutError"));
    const { proxy } = await start(servers(late));
    const { request } = client(
      {
        proxy: { url: proxy.url, variable: "HTTPS_PROXY", noProxy: "" },
        tls: { ca: [readFileSync(pem("authority"), "utf8")] },
      },
      deadline.signal,
    );
    const sent = request("POST /v1/token", any(), {
      action: "create token",
      json: {},
      effect: { kind: "change", hint: "look for it" },
    });
    await expect(sent).rejects.toMatchObject({
      exitCode,
      message: expect.stringContaining("5s"),
    });
  });

  const client = (network: Network, deadline: AbortSignal) =>
    createHttpClient({
      baseUrl: new URL(api),
      headers: () => ({}),
      transport: {
        fetch: createFetch(network),
        now: () => new Date("2026-11-23T12:00:00Z"),
        deadline: () => deadline,
        interrupt: new AbortController().signal,
        timeout: 5000,
        userAgent: "test",
        trace: () => {},
        nextRequestNumber: () => 1,
        warn: () => {},
        sleep: async () => {},
        retries: 0,
        notBefore: new Map(),
        randomBytes: (size) => new Uint8Array(size),
      },
    });
});

describe("a certificate that is not trusted: nothing is sent, and the cause is named:", () => {
  // Bun, in a standalone program, does not expose a certificate that it rejects.
  const shown = standalone
    ? /^/
    : /api\.example\.test.*(api\.example\.test|tokctl test authority).*2020-01-01.*2\d{3}-01-0[12]/;
  test.each([
    ["self-signed", "server", "self-signed", "", /self-signed/, true],
    ["of an unknown issuer", "server", "server", "", /^(?!.*(self-signed|expired))/, true],
    [
      "of another issuer",
      "server",
      "server",
      `--ca-file ${pem("self-signed")}`,
      /^(?!.*(self-signed|expired))/,
      true,
    ],
    ["expired", "server", "expired", trust, /expired/, false],
    ["for another name", "other", "server", trust, /^(?!.*(self-signed|expired))/, false],
  ])("%s", async (_, host, cert, options, cause, isUntrustedIssuer) => {
    const { run, received } = await start({ cert });
    const url = host === "other" ? "https://other.example.test" : api;
    for (const line of [create, "whoami"]) {
      const { code, stdout, stderr } = await run(`${line} ${options}`, {
        env: { TOKCTL_URL: url },
      });
      expect({ code, stdout }).toEqual({ code: 8, stdout: "" });
      const { code: error, message, hint } = errorOf({ stderr });
      expect(error).toBe("network");
      expect(message).toContain(url);
      expect(message).toMatch(cause);
      expect(hint?.includes("--ca-file")).toBe(isUntrustedIssuer);
      expect(stderr).toMatch(shown);
    }
    expect(received).toEqual([]);
  });

  test("without a proxy", async () => {
    const { run, port } = await start();
    const env = { TOKCTL_URL: `https://localhost:${port}` };
    const unknown = await run("whoami", { env });
    expect(errorOf(unknown).hint).toContain("--ca-file");
    expect(unknown.stderr).toMatch(shown);
    const { code, stderr } = await run(`whoami ${trust}`, { env });
    expect(code).toBe(8);
    expect(errorOf({ stderr }).message).toContain("certificate");
    expect(stderr).not.toContain("--ca-file");
    expect(stderr).toMatch(shown);
  });
});

describe("certificates in NODE_EXTRA_CA_CERTS and SSL_CERT_FILE", () => {
  const [authority, other] = [pem("authority"), pem("self-signed")];

  test.each<[string, Record<string, string>, number]>([
    ["", { SSL_CERT_FILE: authority }, 0],
    [`--ca-file ${other}`, { SSL_CERT_FILE: authority }, 0],
    [`--ca-file ${other}`, { NODE_EXTRA_CA_CERTS: authority }, 0],
    [`--ca-file ${authority}`, { NODE_EXTRA_CA_CERTS: other, SSL_CERT_FILE: other }, 0],
    [`--ca-file ${other}`, { NODE_EXTRA_CA_CERTS: "/missing", SSL_CERT_FILE: authority }, 0],
    ["", { TOKCTL_CA_FILE: other, SSL_CERT_FILE: authority }, 0],
    ["", { SSL_CERT_FILE: other }, 8],
    ["", { SSL_CERT_FILE: "" }, 8],
    ["", { SSL_CERT_FILE: "/missing" }, 8],
    ["", { SSL_CERT_FILE: "/" }, 8],
    ["", { SSL_CERT_FILE: pem("key") }, 8],
  ])("whoami %s with %j is exit %i, through a proxy and without", async (words, env, expected) => {
    const { run, port, received } = await start();
    const direct = { TOKCTL_URL: `https://127.0.0.1:${port}`, HTTPS_PROXY: undefined };
    for (const way of [{}, direct]) {
      const { code } = await run(`whoami ${words}`, { env: { ...env, ...way } });
      expect(code).toBe(expected);
    }
    expect(received).toHaveLength(expected === 0 ? 2 : 0);
  });

  test("are trusted for the proxy and with a client certificate", async () => {
    const { run } = await start({
      tls: { requestCert: true, ca: readFileSync(authority) },
      proxy: { tls: identity },
    });
    const client = `--cert-file ${pem("client")} --key-file ${pem("key")}`;
    const env = { SSL_CERT_FILE: authority };
    expect((await run(`whoami ${client}`, { env })).code).toBe(0);
    expect((await run("whoami", { env })).code).toBe(8);
  });

  test("do not make an expired certificate or one for another name valid", async () => {
    const { run } = await start({ cert: "expired" });
    expect((await run("whoami", { env: { SSL_CERT_FILE: authority } })).code).toBe(8);
    const { run: runElsewhere } = await start();
    const env = { SSL_CERT_FILE: authority, TOKCTL_URL: "https://other.example.test" };
    expect((await runElsewhere("whoami", { env })).code).toBe(8);
  });

  test("are read once for several requests, and only if they are needed", async () => {
    const { run, received } = await start();
    let reads = 0;
    const counting = (given: Network) => {
      const { readAllTrusted: read } = given.tls ?? {};
      const readAllTrusted =
        read &&
        (() => {
          reads++;
          return read();
        });
      return createFetch({ ...given, tls: { ...given.tls, readAllTrusted } });
    };
    const options = { createFetch: counting, env: { SSL_CERT_FILE: authority } };
    expect((await run(`whoami ${trust}`, options)).code).toBe(0);
    expect(reads).toBe(0);
    expect((await run(create, options)).code).toBe(0);
    expect(reads).toBe(1);
    expect(received.filter((line) => line.startsWith("POST"))).toHaveLength(1);
  });
});

describe("--ca-file", () => {
  test("trusts a self-signed certificate", async () => {
    const { run } = await start({ cert: "self-signed" });
    expect((await run(`whoami --ca-file ${pem("self-signed")}`)).code).toBe(0);
  });

  test("takes precedence over TOKCTL_CA_FILE", async () => {
    const { run } = await start();
    const env = (name: string) => ({ env: { TOKCTL_CA_FILE: pem(name) } });
    expect((await run("whoami", env("authority"))).code).toBe(0);
    expect((await run("whoami", env("self-signed"))).code).toBe(8);
    expect((await run(`whoami ${trust}`, env("self-signed"))).code).toBe(0);
    expect((await run("whoami", { env: { TOKCTL_CA_FILE: "" } })).code).toBe(8);
  });

  test("accepts a bundle with comments, and adds it to the default authorities", async () => {
    const { run } = await start();
    const folder = await temporaryFolder();
    const bundle = join(folder, "bundle.pem");
    const [first, second] = ["self-signed", "authority"].map((name) => readFileSync(pem(name)));
    await writeFile(bundle, `# ours\r\n${first}\n\nAnd the other:\n${second}`);
    let network: Network | undefined;
    const { code } = await run(`whoami --ca-file ${bundle}`, {
      createFetch: (given) => {
        network = given;
        return createFetch(given);
      },
    });
    expect(code).toBe(0);
    expect(network?.tls?.ca).toEqual(expect.arrayContaining([...rootCertificates]));
  });
});

describe("a client certificate", () => {
  const ours = `--cert-file ${pem("client")} --key-file ${pem("key")}`;
  const wanted: TlsOptions = { requestCert: true, ca: readFileSync(pem("authority")) };

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "is sent to an API that requires it: %s",
    async (v) => {
      const { run } = await start({ tls: { ...wanted, minVersion: v, maxVersion: v } });
      expect((await run(`${create} ${trust} ${ours}`)).code).toBe(0);
      const env = { TOKCTL_CERT_FILE: pem("client"), TOKCTL_KEY_FILE: pem("key") };
      expect((await run(`whoami ${trust}`, { env })).code).toBe(0);
    },
  );

  test("that is missing is named in the hint", async () => {
    const { run, received } = await start({ tls: { ...wanted, maxVersion: "TLSv1.2" } });
    const { code, stderr } = await run(`${create} ${trust}`);
    expect(code).toBe(8);
    const error = errorOf({ stderr });
    expect(error.code).toBe("network");
    expect(error.message).toContain("client certificate");
    for (const option of ["--cert-file", "--key-file"]) expect(error.hint).toContain(option);
    expect(received).toEqual([]);
  });

  // A TLS 1.3 server rejects the certificate after the request; Node's own server sends no alert.
  test.each([
    ["TLSV13_ALERT_CERTIFICATE_REQUIRED"],
    ["TLSV1_ALERT_UNKNOWN_CA"],
    ["SSLV3_ALERT_CERTIFICATE_EXPIRED"],
    ["SSLV3_ALERT_BAD_CERTIFICATE"],
  ])("that is rejected after the request with %s is a network error", async (alert) => {
    const { run } = await start();
    const refusal = Object.assign(new Error(alert), { code: `ERR_SSL_${alert}` });
    const { code, stderr } = await run(create, {
      createFetch: () => () => Promise.reject(refusal),
    });
    expect(code).toBe(8);
    const { code: error, message, hint } = errorOf({ stderr });
    expect(error).toBe("network");
    for (const fact of [api, "client certificate"]) expect(message).toContain(fact);
    for (const option of ["--cert-file", "--key-file"]) expect(hint).toContain(option);
  });
});

describe("a profile", () => {
  const ours = `--cert-file ${pem("client")} --key-file ${pem("key")}`;

  test("keeps the certificate files of its login, and later commands use them", async () => {
    const home = createHome();
    const { proxy } = await start({
      world: home,
      tls: { requestCert: true, ca: readFileSync(pem("authority")) },
    });
    const way = { createFetch, env: { HTTPS_PROXY: proxy.url } };
    const login = `login ovh-ai ${api} -p work --app-token-file -`;
    const stdin = home.bootstrap;
    expect((await home.run(login, { ...way, stdin })).code).toBe(8);
    expect((await home.run(`${login} ${trust} ${ours}`, { ...way, stdin })).code).toBe(0);
    expect((await home.run("whoami", way)).code).toBe(0);
    expect(JSON.parse(home.read("profiles/work.json"))).toMatchObject({
      caFile: pem("authority"),
      certFile: pem("client"),
      keyFile: pem("key"),
    });
    expect(await home.json("profile show")).toContainEqual({
      key: "caFile",
      value: pem("authority"),
      source: "profile",
    });
    expect(new Set(proxy.seen)).toEqual(new Set(["CONNECT api.example.test:443"]));
  });

  test("with an unreadable file is a usage error that names the setting, the profile and the path", async () => {
    const home = createHome();
    home.keep("work", { provider: "ovh-ai", url: api });
    await home.run("profile set caFile missing.pem -p work");
    const path = resolve("missing.pem");
    expect(JSON.parse(home.read("profiles/work.json"))).toMatchObject({ caFile: path });
    const { code, stderr } = await home.run("whoami -p work --app-token s3cr3t");
    expect(code).toBe(2);
    const { code: error, message } = errorOf({ stderr });
    expect(error).toBe("usage");
    for (const fact of ["caFile", '"work"', path, "ENOENT"]) expect(message).toContain(fact);
  });

  test("named on the command line does not use certificate files of the environment", async () => {
    const home = createHome();
    const { proxy } = await start({ world: home });
    home.keep("work", { provider: "ovh-ai", url: api });
    const env = { HTTPS_PROXY: proxy.url, TOKCTL_CA_FILE: pem("authority") };
    const line = `whoami --app-token ${home.bootstrap}`;
    expect((await home.run(`${line} -p work`, { createFetch, env })).code).toBe(8);
    const chosen = { ...env, TOKCTL_PROFILE: "work" };
    expect((await home.run(line, { createFetch, env: chosen })).code).toBe(0);
  });
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tokctl-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe("rejects an invalid certificate or key file before anything is sent:", () => {
  const text = (name: string) => readFileSync(pem(name), "utf8");
  const encrypted =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\ns3cr3t\n-----END ENCRYPTED PRIVATE KEY-----\n";
  const broken = text("authority").replace(/MII.{20}/, "s3cr3ts3cr3ts3cr3ts3cr3");
  const files: Record<string, string> = {
    empty: "",
    words: "s3cr3t",
    broken,
    "half-broken": `${text("authority")}${broken}`,
    locked: encrypted,
    "broken-key": "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----\n",
    large: "s3cr3t".repeat(200_000),
  };

  test.each([
    ["--ca-file missing", ["--ca-file", "missing", "ENOENT"]],
    ["--ca-file .", ["--ca-file", "EISDIR"]],
    ["--ca-file empty", ["--ca-file", "empty", "PEM"]],
    ["--ca-file words", ["--ca-file", "words", "PEM"]],
    ["--ca-file broken", ["--ca-file", "broken", "PEM"]],
    ["--ca-file half-broken", ["--ca-file", "half-broken", "PEM"]],
    ["--ca-file KEY", ["--ca-file", "key.pem", "PEM"]],
    ["--ca-file large", ["--ca-file", "large", "1024 KiB"]],
    ["--cert-file CERT", ["--cert-file", "client.pem", "--key-file"]],
    ["--key-file KEY", ["--key-file", "key.pem", "--cert-file"]],
    ["--cert-file missing --key-file KEY", ["--cert-file", "missing", "ENOENT"]],
    ["--cert-file CERT --key-file missing", ["--key-file", "missing", "ENOENT"]],
    ["--cert-file KEY --key-file KEY", ["--cert-file", "key.pem", "PEM"]],
    ["--cert-file words --key-file KEY", ["--cert-file", "words", "PEM"]],
    ["--cert-file CERT --key-file CERT", ["--key-file", "client.pem", "PEM"]],
    ["--cert-file CERT --key-file broken-key", ["--key-file", "broken-key", "PEM"]],
    ["--cert-file CERT --key-file locked", ["--key-file", "locked", "encrypted"]],
    ["--cert-file AUTHORITY --key-file KEY", ["--key-file", "key.pem", "--cert-file"]],
  ])("%s", async (options, facts) => {
    const { run, world, proxy } = await start();
    const folder = await temporaryFolder();
    for (const [name, content] of Object.entries(files))
      await writeFile(join(folder, name), content);
    const paths: Record<string, string> = {
      CERT: pem("client"),
      KEY: pem("key"),
      AUTHORITY: pem("authority"),
    };
    const line = options.replace(/(?<= )[^-]\S*/g, (name) => paths[name] ?? join(folder, name));
    const { code, stdout, stderr } = await run(`${create} ${line}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    const { code: error, message, hint } = errorOf({ stderr });
    expect(error).toBe("usage");
    for (const fact of facts) expect(`${message}\n${hint}`).toContain(fact);
    expect(stderr).not.toContain("s3cr3t");
    expect({ sent: world.requests, seen: proxy.seen }).toEqual({ sent: [], seen: [] });
  });

  test("TOKCTL_CA_FILE", async () => {
    const { run } = await start();
    const { code, stderr } = await run("whoami", { env: { TOKCTL_CA_FILE: "/missing" } });
    expect(code).toBe(2);
    const { message } = errorOf({ stderr });
    for (const fact of ["TOKCTL_CA_FILE", "/missing", "ENOENT"]) expect(message).toContain(fact);
  });
});

test("the built program connects through the proxy, and exits", async () => {
  const { world, proxy } = await start({
    tls: { requestCert: true, ca: readFileSync(pem("authority")) },
    proxy: { tls: identity },
  });
  const surroundings = await createSurroundings();
  onTestFinished(() => surroundings.remove());
  const env = {
    ...surroundings.env,
    ...world.environment,
    TOKCTL_URL: api,
    TOKCTL_CA_FILE: pem("authority"),
    TOKCTL_CERT_FILE: pem("client"),
    TOKCTL_KEY_FILE: pem("key"),
    HTTPS_PROXY: `https://user:s3cr3t@${proxy.host}`,
  };
  const { code, stdout, stderr } = await runTokctl([...create.split(" "), "-q", "--debug"], {
    env,
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\S{64}\n$/);
  expect(stderr).toMatch(new RegExp(`debug: #\\d+ POST ${api}/v1/token`));
  expect(stderr).not.toMatch(/s3cr3t|Warning/);
  expect(proxy.seen).toEqual(["CONNECT api.example.test:443"]);
  expect(proxy.requests[0]?.headers["proxy-authorization"]).toBe(
    `Basic ${Buffer.from("user:s3cr3t").toString("base64")}`,
  );
});
