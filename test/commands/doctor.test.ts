import { mkdirSync, symlinkSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFetch } from "../../src/http/transport/undici.ts";
import { createHome } from "../support/home.ts";
import type { RunOptions } from "../support/outcome.ts";
import { pem, serveTls, startProxy } from "../support/proxy.ts";
import { createWorld } from "../support/world.ts";

interface Check {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
  readonly hint: string | null;
  readonly code: string | null;
}

/** Runs doctor, and returns its checks. */
async function examine(
  { run }: Pick<ReturnType<typeof createWorld>, "run">,
  options?: RunOptions,
  words = "",
) {
  const { code, stdout, stderr } = await run(`doctor -o json ${words}`, options);
  const checks: readonly Check[] = JSON.parse(stdout);
  const of = (name: string) => checks.find((check) => check.name === name);
  return { code, stdout, stderr, checks, of };
}

const names = [
  ...[
    "program",
    "environment",
    "folder",
    "profiles",
    "credentials",
    "journal",
    "settings",
    "credential",
  ],
  ...["proxy", "certificates", "dns", "connection", "tls", "clock", "latency", "whoami", "tokens"],
];

test("reports every check as ok, and is exit 0", async () => {
  const home = createHome();
  await home.login("-p work");
  const { code, checks, of } = await examine(home);
  expect(code).toBe(0);
  expect(checks.map(({ name }) => name)).toEqual(names);
  expect(checks.filter(({ status }) => !["ok", "skipped"].includes(status))).toEqual([]);
  expect(of("program")?.detail).toMatch(/^tokctl \d+\.\d+\.\d+, Node v\S+, linux$/);
  expect(of("profiles")?.detail).toMatch(/^work\b/);
  expect(of("credentials")?.detail).toMatch(/^work\b.*\bfile\b/);
  expect(of("settings")?.detail).toContain(home.url);
  expect(of("credential")?.detail).toMatch(/^token\b.*\bprofile\b/);
  expect(of("whoami")?.detail).toContain("ai_training_operator");
  const text = await home.run("doctor");
  expect(text).toMatchObject({ code: 0, stderr: "" });
  expect(text.stdout).toMatch(/^ok +whoami +sandbox-operator/m);
  expect((await home.run("doctor -o description")).stdout).toContain("whoami");
  expect((await home.run("doctor -o yaml")).stdout).toContain("name: whoami");
});

test("prints no secret, even if the server repeats it", async () => {
  const world = createWorld();
  const fetch = async () =>
    Response.json({ message: "no such token: secret-secret" }, { status: 401 });
  for (const format of ["text", "description", "json", "yaml"]) {
    const proxy = { HTTPS_PROXY: "http://me:pass-word@proxy.example.com:3128" };
    const { code, stdout, stderr } = await world.run(
      `doctor --app-token secret-secret --debug -o ${format}`,
      { fetch, env: proxy },
    );
    expect(code).toBe(4);
    expect(stdout + stderr).not.toMatch(/secret-secret|pass-word/);
    expect(stdout).toContain("proxy.example.com:3128");
  }
});

describe("a failed check does not stop the others", () => {
  test("no profile and no environment variable: the login command is suggested, the rest is skipped", async () => {
    const { code, of, stderr } = await examine(createHome());
    expect(code).toBe(2);
    expect(of("settings")).toMatchObject({ status: "failed", code: "usage" });
    expect(of("settings")?.hint).toContain("tokctl login");
    expect(of("whoami")).toMatchObject({ status: "skipped" });
    expect(JSON.parse(stderr).error).toMatchObject({ code: "usage", exitCode: 2 });
  });

  test("no home directory", async () => {
    const { code, of } = await examine(createWorld(), { env: { HOME: undefined } });
    expect(code).toBe(0);
    expect(of("folder")).toMatchObject({ status: "warning" });
  });

  test("a configuration directory that others can write to, and one that is a file", async () => {
    const home = createHome();
    mkdirSync(home.path("shared"), { mode: 0o700 });
    home.write("a-file", "");
    const { chmodSync } = await import("node:fs");
    chmodSync(home.path("shared"), 0o777);
    const inside = (name: string) =>
      examine(home, { env: { ...home.environment, TOKCTL_CONFIG_DIR: home.path(name) } });
    expect((await inside("shared")).of("folder")).toMatchObject({
      status: "failed",
      hint: expect.stringContaining(`chmod 700 ${home.path("shared")}`),
    });
    expect((await inside("not-there")).of("folder")).toMatchObject({ status: "ok" });
    for (const name of ["a-file", "a-file/below"])
      expect((await inside(name)).of("folder")).toMatchObject({ status: "failed", code: "usage" });
    expect(home.files(".")).toEqual(["a-file", "shared"]);
  });

  test("a configuration directory behind a symbolic link", async () => {
    const home = createHome();
    mkdirSync(home.path("real"), { mode: 0o700 });
    symlinkSync(home.path("real"), home.path("link"));
    const env = { ...home.environment, TOKCTL_CONFIG_DIR: home.path("link") };
    expect((await examine(home, { env })).of("folder")).toMatchObject({ status: "ok" });
  });

  test.skipIf(process.platform !== "linux")("a home directory that is not writable", async () => {
    const home = createHome();
    const env = { ...home.environment, TOKCTL_CONFIG_DIR: undefined, HOME: "/proc/nope" };
    const { code, of } = await examine(home, { env });
    expect(code).toBe(2);
    expect(of("folder")).toMatchObject({ status: "failed", code: "usage" });
  });

  test("a broken profile, in use or not", async () => {
    const home = createHome();
    await home.login("-p work");
    home.write("profiles/other.json", "{");
    const other = await examine(home);
    expect(other.code).toBe(0);
    expect(other.of("profiles")).toMatchObject({ status: "warning" });
    expect(other.of("profiles")?.hint).toContain("other");
    home.write("profiles/work.json", "{");
    const own = await examine(home);
    expect(own.code).toBe(2);
    expect(own.of("profiles")).toMatchObject({ status: "failed" });
    expect(own.of("profiles")?.detail).toContain("work.json");
    home.write("config.json", "[]");
    expect((await examine(home)).code).toBe(2);
  });

  test("a credential file that others can read, or that is a symbolic link", async () => {
    const home = createHome();
    await home.login("-p work");
    home.write("credentials/work.json", home.read("credentials/work.json"), 0o644);
    const { code, of, stdout } = await examine(home);
    expect(code).toBe(2);
    expect(of("credentials")).toMatchObject({ status: "failed" });
    expect(of("credentials")?.hint).toContain("chmod 600");
    expect(of("connection")).toMatchObject({ status: "ok" });
    expect(stdout).not.toContain(home.bootstrap);
    symlinkSync(home.path("credentials/work.json"), home.path("credentials/link.json"));
    home.write("profiles/link.json", home.read("profiles/work.json"));
    expect((await examine(home, {}, "-p link")).of("credentials")?.status).toBe("failed");
  });

  test("a rejected credential, and a missing one", async () => {
    const world = createWorld();
    const refused = await examine(world, { env: { TOKCTL_APP_TOKEN: "not-a-token" } });
    expect(refused.code).toBe(4);
    expect(refused.of("whoami")).toMatchObject({ status: "failed", code: "unauthenticated" });
    const none = await examine(world, { env: { TOKCTL_APP_TOKEN: undefined } });
    expect(none.code).toBe(4);
    expect(none.of("credential")).toMatchObject({ status: "failed" });
    expect(none.of("connection")).toMatchObject({ status: "ok" });
    expect(none.of("whoami")).toMatchObject({ status: "skipped" });
  });

  test("a host name that does not resolve", async () => {
    const lookup = async () => {
      throw Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" });
    };
    const fetch = lookup;
    const env = { TOKCTL_URL: "https://api.example.test" };
    const { code, of } = await examine(createWorld(), { env, lookup, fetch });
    expect(code).toBe(8);
    expect(of("dns")).toMatchObject({ status: "failed", code: "network" });
    expect(of("dns")?.detail).toContain("api.example.test");
    expect(of("connection")).toMatchObject({ status: "failed" });
  });

  test("a DNS lookup that is interrupted", async () => {
    const lookup = () => new Promise<never>(() => {});
    const interrupt = new AbortController();
    const env = { TOKCTL_URL: "https://api.example.test" };
    const run = createWorld().run("doctor", {
      env,
      lookup: () => {
        interrupt.abort("SIGINT");
        return lookup();
      },
      interrupt: interrupt.signal,
    });
    expect(await run).toMatchObject({ code: 130 });
  });

  test.each([
    ["HTTPS_PROXY", "socks5://me:s3cr3t@127.0.0.1:1", "proxy"],
    ["TOKCTL_CA_FILE", "/nonexistent.pem", "certificates"],
    ["TOKCTL_KEY_FILE", pem("key"), "certificates"],
    ["TOKCTL_URL", "not a url", "settings"],
  ])("%s=%s", async (name, value, check) => {
    const { code, of, stdout, stderr } = await examine(createWorld(), { env: { [name]: value } });
    expect(code).toBe(2);
    expect(of(check)).toMatchObject({ status: "failed", code: "usage" });
    expect(stdout + stderr).not.toContain("s3cr3t");
  });

  test("an unsupported Node version", async () => {
    const { code, of } = await examine(createWorld(), { runtime: { version: "v20.18.3" } });
    expect(code).toBe(2);
    expect(of("program")).toMatchObject({ status: "failed" });
    for (const runtime of [{ version: "v24.0.0" }, { name: "Bun", version: "1.4.5" }] as const)
      expect((await examine(createWorld(), { runtime })).code).toBe(0);
  });
});

describe("the clock", () => {
  test.each([
    [0, "ok"],
    [59, "ok"],
    [61, "warning"],
    [-3600, "warning"],
  ])("that differs by %s s from the server's Date header: %s", async (seconds, status) => {
    const world = createWorld();
    const now = Date.parse("2026-11-23T12:00:00Z");
    const { code, of } = await examine(world, {
      fetch: async (url, init) => {
        const reply = await world.sandbox.request(url, init);
        reply.headers.set("date", new Date(now - seconds * 1000).toUTCString());
        return reply;
      },
    });
    expect(code).toBe(0);
    expect(of("clock")).toMatchObject({ status });
  });

  test.each([
    ["Mon Nov 23 12:00:00 2026", "ok"],
    ["Monday, 23-Nov-26 12:00:00 GMT", "ok"],
    ["Mon, 23 Nov 2026 12:00:00", "skipped"],
    ["2026-11-23 12:00:00", "skipped"],
    ["0", "skipped"],
  ])("compared with the Date header %j: %s, in any time zone", async (date, status) => {
    const world = createWorld();
    const zone = process.env["TZ"];
    process.env["TZ"] = "Asia/Tokyo";
    onTestFinished(() => {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    });
    const { of } = await examine(world, {
      fetch: async (url, init) => {
        const reply = await world.sandbox.request(url, init);
        reply.headers.set("date", date);
        return reply;
      },
    });
    expect(of("clock")).toMatchObject({ status });
  });

  test("is compared with the time endpoint of the API", async () => {
    const world = createWorld("ovh-cloud");
    const { of } = await examine(world, {
      fetch: async (url, init) =>
        url.endsWith("/auth/time")
          ? Response.json(Date.parse("2026-11-23T12:02:00Z") / 1000)
          : world.sandbox.request(url, init),
    });
    expect(of("clock")).toMatchObject({
      status: "warning",
      detail: expect.stringMatching(/\b120 s\b/),
    });
    const right = await examine(world);
    expect(right.of("clock")).toMatchObject({ status: "ok" });
  });
});

describe("over real connections", () => {
  async function start(cert = "server") {
    const port = await serveTls((_, response) => response.writeHead(404).end(), cert);
    const proxy = await startProxy(port);
    const env = { TOKCTL_URL: "https://api.example.test", HTTPS_PROXY: proxy.url };
    return { env, createFetch };
  }

  test("reports the proxy, and the issuer and expiry of the server's certificate", async () => {
    const { env, createFetch } = await start();
    const { of } = await examine(
      createWorld(),
      { env, createFetch },
      `--ca-file ${pem("authority")}`,
    );
    expect(of("proxy")?.detail).toMatch(/^127\.0\.0\.1:\d+ .*HTTPS_PROXY/);
    expect(of("certificates")?.detail).toContain(pem("authority"));
    expect(of("connection")).toMatchObject({ status: "ok" });
    expect(of("tls")?.status).toMatch(/ok|warning/);
    expect(of("tls")?.detail).toMatch(/^TLSv1\.\d\b.* \d{4}-\d{2}-\d{2}\b/);
  });

  test("names the CA files of the environment, and warns about one without certificates", async () => {
    const { env, createFetch } = await start();
    const extra = { NODE_EXTRA_CA_CERTS: "/missing.pem", SSL_CERT_FILE: pem("authority") };
    const { of } = await examine(createWorld(), { env: { ...env, ...extra }, createFetch }, "");
    expect(of("connection")).toMatchObject({ status: "ok" });
    expect(of("certificates")).toMatchObject({ status: "warning" });
    for (const value of Object.values(extra)) expect(of("certificates")?.detail).toContain(value);
    expect(of("certificates")?.hint).toContain("NODE_EXTRA_CA_CERTS");
    expect(of("certificates")?.hint).not.toContain("SSL_CERT_FILE");
  });

  test("an untrusted certificate is exit 8, and --ca-file is suggested", async () => {
    const { code, of } = await examine(createWorld(), await start());
    expect(code).toBe(8);
    expect(of("connection")).toMatchObject({ status: "failed", code: "network" });
    expect(of("connection")?.hint).toContain("--ca-file");
  });
});
