import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openTerminal, runTokctl, typedQuestion, useSandbox } from "../support/spawn.ts";

const environment = useSandbox();

/** A server at a subdomain of localhost, and the requests that it received. */
async function serve(answer: RequestListener) {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return { url: `http://app.localhost:${(server.address() as AddressInfo).port}/`, asked };
}

function check(url: string) {
  const env = environment();
  const stdin = `${env["TOKCTL_APP_TOKEN"]}`;
  const args = ["token", "check", "-o", "json", "--app-token-file", "-", "--at", url];
  return runTokctl(args, { env, stdin });
}

test("a response without an end is not read", async () => {
  const { url } = await serve((request, response) => {
    response.writeHead(200);
    const sending = setInterval(() => response.write("x".repeat(1000)), 5);
    request.on("close", () => clearInterval(sending));
  });
  const { code, stdout } = await check(url);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).at).toMatchObject({ url, status: 200, letsIn: true });
});

test("a redirect is not followed", async () => {
  const { url, asked } = await serve((_, response) => {
    response.writeHead(303, { location: "/login" }).end();
  });
  const { code, stdout } = await check(url);
  expect(code).toBe(0);
  expect(JSON.parse(stdout).at).toMatchObject({ status: 303, letsIn: false });
  expect(asked).toEqual(["/"]);
});

test("at a terminal the token is asked for and not shown", async () => {
  const env = environment();
  const token = `${env["TOKCTL_APP_TOKEN"]}`;
  const terminal = openTerminal("tokctl token check", { env });
  await terminal.screen.until(typedQuestion);
  terminal.type(`${token}\r`);
  const { code, screen } = await terminal.ended;
  expect(code).toBe(0);
  expect(screen).toContain("Valid:");
  expect(screen).not.toContain(token);
});
