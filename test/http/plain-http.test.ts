import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { createConnect } from "../../src/http/transport/connect.ts";
import { createFetch } from "../../src/http/transport/undici.ts";

/** Starts a server on every address of this machine. */
async function serve() {
  const received: string[] = [];
  const server = createServer((request, response) => {
    received.push(request.url ?? "");
    response.end("{}");
  }).listen(0, "0.0.0.0");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { received, port: (server.address() as AddressInfo).port };
}

/** Connects to a host by plain http; each lookup of its name has the next of these results. */
async function connect(port: number, results: readonly (readonly string[])[], allowHttp = false) {
  const left = [...results];
  const lookUp: LookupFunction = (_, __, callback) => {
    const addresses = left.shift() ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    );
  };
  const target = { hostname: "quick-start.example", port: String(port), protocol: "http:" };
  const result = await new Promise<Error | string | undefined>((resolve) => {
    createConnect(
      {},
      { allowHttp },
      lookUp,
    )(target, (error, socket) => {
      resolve(error ?? socket?.remoteAddress);
      socket?.destroy();
    });
  });
  return { result, unused: left.length };
}

test("connects by plain http to the loopback address that it looked up, and looks it up once", async () => {
  const { port } = await serve();
  expect(await connect(port, [["127.0.0.1"], ["192.0.2.1"]])).toEqual({
    result: "127.0.0.1",
    unused: 1,
  });
  expect(await connect(port, [["127.0.0.9"]])).toEqual({ result: "127.0.0.9", unused: 0 });
  expect(await connect(port, [["::ffff:127.0.0.1"]])).toMatchObject({
    result: expect.not.objectContaining({ name: "UsageError" }),
  });
});

test.each([
  [["192.0.2.1"]],
  [["127.0.0.1", "192.0.2.1"]],
  [["192.0.2.1", "127.0.0.1"]],
  [["::1", "fe80::1"]],
  [["0.0.0.0"]],
  [["::ffff:10.0.0.1"]],
  [[]],
])("does not connect by plain http to a host with the addresses %j", async (addresses) => {
  const { port } = await serve();
  expect((await connect(port, [addresses])).result).toBeInstanceOf(UsageError);
});

test("rejects plain http to another machine when it connects", async () => {
  const { port, received } = await serve();
  const init = { method: "GET", headers: {}, signal: new AbortController().signal };
  const url = `http://0.0.0.0:${port}/`;
  await expect(createFetch()(url, init)).rejects.toBeInstanceOf(UsageError);
  await expect(createFetch({ allowHttp: false })(url, init)).rejects.toBeInstanceOf(UsageError);
  expect(received).toEqual([]);
  expect(await createFetch({ allowHttp: true })(url, init)).toMatchObject({ status: 200 });
});
