import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter } from "node:path";
import process from "node:process";
import open from "open";
import { isWebUrl } from "../core/url.ts";
import type { LoopbackHandler, LoopbackServer } from "../host.ts";
import { withoutCredentials } from "./process.ts";

/**
 * Parses the variable `BROWSER`: alternative commands separated by `:` (`;` on Windows). The URL
 * replaces `%s`, or is the last argument. No shell is involved.
 * @returns the words of each command.
 */
export const parseBrowserCommands = (
  variable: string,
  url: string,
): readonly (readonly string[])[] =>
  variable
    .split(delimiter)
    .map(splitWords)
    .filter(({ length }) => length > 0)
    .map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.replaceAll("%s", () => url))
        : [...words, url],
    );

/** Splits a command into words like a shell. A trailing `&` is ignored: commands always run in the background. */
const splitWords = (text: string): readonly string[] =>
  [
    ...text
      .trim()
      .replace(/&$/, "")
      .matchAll(/"([^"]*)"|'([^']*)'|\S+/g),
  ].map(([word, double, single]) => double ?? single ?? word);

/**
 * Opens a URL in the browser: see `Host.openUrl`.
 * @param browser the variable `BROWSER`; if it is empty, the default browser of the system.
 */
export async function openUrl(url: string, browser = ""): Promise<boolean> {
  // The URL may come from a server, so only http and https are passed to the system.
  if (!isWebUrl(url)) return false;
  for (const [command = "", ...args] of parseBrowserCommands(browser, url))
    if (await starts(command, args)) return true;
  try {
    const started = await open(url);
    // The user also sees the URL on the terminal, so a later failure of the launcher is ignored.
    started.on("error", () => {});
    return true;
  } catch {
    return false;
  }
}

/** Starts a detached program. Resolves to false if it does not exist. */
const starts = (command: string, args: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(command, args, {
      detached: true,
      stdio: "ignore",
      env: withoutCredentials(process.env),
    });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });

/** Attempts to find a port that is free on both loopback addresses. */
const attempts = 20;

/**
 * Serves pages to the browser of this machine: see `Host.serveLoopback`. It listens on both loopback
 * addresses, because `localhost` can resolve to either, and another program could use the other one.
 */
export async function serveLoopback(answer: LoopbackHandler): Promise<LoopbackServer> {
  const listener: RequestListener = (request, response) => {
    const { status, html } = answer(new URL(request.url ?? "/", "http://localhost"));
    response
      .writeHead(status, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        connection: "close",
      })
      .end(html);
  };
  for (let attempt = 1; ; attempt++) {
    const first = await listen(listener, "127.0.0.1", 0);
    const { port } = first.address() as AddressInfo;
    try {
      const servers = [first, await listen(listener, "::1", port)];
      // The last response may still be in transit; its connection then closes.
      return { port, close: () => servers.forEach((server) => void server.close()) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The machine has no IPv6.
      if (code !== "EADDRINUSE") return { port, close: () => void first.close() };
      first.close();
      if (attempt === attempts) throw error;
    }
  }
}

async function listen(listener: RequestListener, host: string, port: number): Promise<Server> {
  const server = createServer(listener).listen({ host, port, ipv6Only: host === "::1" });
  await once(server, "listening");
  return server;
}
