import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { networkInterfaces } from "node:os";
import * as v from "valibot";
import { afterEach, describe, expect, test } from "vitest";
import type { SandboxRuntime } from "../../src/sandbox/api.ts";
import { createSandbox, type Sandbox } from "../../src/sandbox/app.ts";
import { type Listening, type ListenOptions, listen } from "../../src/sandbox/listen.ts";

const runtime: SandboxRuntime = {
  now: () => new Date(),
  randomBytes: (size) => randomBytes(size),
};
const sandbox = createSandbox(runtime);
const credentialOf = ({ apis }: Sandbox) => apis[0]?.environment("")["TOKCTL_APP_TOKEN"];
const headers = { authorization: `Bearer ${credentialOf(sandbox)}` };
const spec = JSON.stringify({ name: "ci", role: "ai_training_read" });

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

let open: Listening[] = [];

afterEach(async () => {
  await Promise.all(open.map((listening) => listening.close()));
  open = [];
});

async function start(
  options: Partial<ListenOptions> = {},
  served: Sandbox = sandbox,
): Promise<Listening> {
  const listening = await listen(served, { host: "127.0.0.1", port: 0, ...options });
  open.push(listening);
  return listening;
}

describe("the url", () => {
  test.each([
    ["127.0.0.1", /^http:\/\/127\.0\.0\.1:\d+$/],
    ["localhost", /^http:\/\/localhost:\d+$/],
    ["0.0.0.0", /^http:\/\/127\.0\.0\.1:\d+$/],
  ])("of host %s accepts requests", async (host, url) => {
    const listening = await start({ host });
    expect(listening.url).toMatch(url);
    expect((await fetch(`${listening.url}/v1/me`, { headers })).status).toBe(200);
  });

  test.skipIf(!hasIpv6).each(["::1", "::", "0::0"])("of host %s is in brackets", async (host) => {
    const listening = await start({ host });
    expect(listening.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${listening.url}/v1/me`, { headers })).status).toBe(200);
  });

  test("has the port that was asked for", async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    await first.close();
    expect((await start({ port })).url).toBe(first.url);
  });
});

test("a port in use rejects with the system's error", async () => {
  const { url } = await start();
  await expect(start({ port: Number(new URL(url).port) })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});

describe("over a socket", () => {
  test("a token can be created, renewed and deleted", async () => {
    const { url } = await start();
    const created = await fetch(`${url}/v1/token`, { method: "POST", headers, body: spec });
    expect(created.status).toBe(200);
    const { id } = v.parse(v.object({ id: v.string() }), await created.json());
    const renewed = await fetch(`${url}/v1/token/${id}/renew`, { method: "POST", headers });
    expect(await renewed.json()).toMatchObject({ id, status: { version: 2 } });
    const deleted = await fetch(`${url}/v1/token/${id}`, { method: "DELETE", headers });
    expect([deleted.status, await deleted.text()]).toEqual([204, ""]);
  });

  test("a body without content-length is read, up to the limit", async () => {
    const { url } = await start();
    const post = (text: string) =>
      fetch(`${url}/v1/token`, {
        method: "POST",
        headers,
        body: new Blob([text]).stream(),
        duplex: "half",
      });
    expect((await post(spec)).status).toBe(200);
    expect((await post(spec.padEnd(64 * 1024 + 1))).status).toBe(413);
  });

  test("a content-length over the limit is 413", async () => {
    const { url } = await start();
    const body = spec.padEnd(1024 * 1024);
    const reply = await fetch(`${url}/v1/token`, { method: "POST", headers, body });
    expect(reply.status).toBe(413);
    expect(reply.headers.has("x-request-id")).toBe(true);
  });
});

describe("an injected failure", () => {
  const failing = (kind: "drop-request" | "drop-response") =>
    createSandbox(runtime, {
      failures: [{ method: "POST", path: "/v1/token", fault: { kind }, rate: 1 }],
    });

  test.each([
    ["drop-request", 0],
    ["drop-response", 1],
  ] as const)("%s closes the connection: %i tokens are created", async (kind, created) => {
    const sandbox = failing(kind);
    const { url } = await start({}, sandbox);
    const headers = { authorization: `Bearer ${credentialOf(sandbox)}` };
    // The connection is closed as well if the server has not read the body.
    await expect(
      fetch(`${url}/v1/token`, { method: "POST", headers, body: spec.padEnd(60_000) }),
    ).rejects.toThrow();
    const list = await fetch(`${url}/v1/token`, { headers });
    expect(await list.json()).toMatchObject({ metadata: { total: created } });
  });
});

describe("close", () => {
  test("closes keep-alive connections", async () => {
    const { url, close } = await start();
    const agent = new Agent({ keepAlive: true });
    const sent = request(`${url}/v1/me`, { agent, headers }).end();
    const [reply] = await once(sent, "response");
    const { socket } = reply;
    reply.resume();
    await once(agent, "free");
    const ended = once(socket, "close");
    await close();
    await ended;
    agent.destroy();
    await expect(fetch(`${url}/v1/me`)).rejects.toThrow();
  });

  test("closes an incomplete request", async () => {
    const { url, close } = await start();
    const sent = request(`${url}/v1/token`, { method: "POST", headers });
    const failed = once(sent, "error");
    sent.flushHeaders();
    const [socket] = await once(sent, "socket");
    await once(socket, "connect");
    await close();
    await failed;
  });

  test("can be called twice", async () => {
    const { close } = await start();
    await Promise.all([close(), close()]);
  });
});
