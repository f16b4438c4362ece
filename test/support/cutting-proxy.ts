import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Where a connection is cut. */
type Cut = "none" | "before" | "after" | "in reply";

/** Forwards connections, and closes some of them during a POST, PUT or DELETE, as `choose` returns. */
export async function serveCuttingProxy(target: string, choose: () => Cut): Promise<string> {
  const { port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), "127.0.0.1");
    let mode: Cut = "none";
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", end).on("close", end);
    }
    client.on("data", (data) => {
      const isChange = /^(POST|PUT|DELETE) (?!\S*jwt)/.test(data.toString("latin1"));
      mode = isChange ? choose() : "none";
      if (mode === "before") end();
      else upstream.write(data);
    });
    upstream.on("data", (data) => {
      if (mode === "in reply") client.write(data.subarray(0, 40), end);
      else if (mode === "after") end();
      else client.write(data);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
