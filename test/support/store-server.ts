import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request to an emulated secret store. */
export interface StoreRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The reply of an emulated secret store. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

/** Returns a reply in JSON. */
export const json = (status: number, value: unknown): Reply => ({
  status,
  type: "application/json",
  body: JSON.stringify(value),
});

/** Serves an emulated secret store on a free port of 127.0.0.1 until the end of the test. */
export async function serve(answer: (request: StoreRequest) => Promise<Reply>) {
  const requests: StoreRequest[] = [];
  const server = createServer(async (message, response) => {
    const { pathname: path, searchParams: query } = new URL(message.url ?? "", "http://127.0.0.1");
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk);
    const { method = "", headers } = message;
    const request = { method, path, query, headers, body: Buffer.concat(chunks).toString() };
    requests.push(request);
    const { status, type, body } = await answer(request);
    response.writeHead(status, { "Content-Type": type }).end(status === 204 ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
