import { once } from "node:events";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type Define, type Example, lenientAction } from "../../cli/command.ts";
import { singleQuote } from "../../core/quoting.ts";
import { isLoopback } from "../../core/url.ts";
import { addSandboxOptions } from "./shared/sandbox-options.ts";

export const examples: readonly Example[] = [
  { line: "tokctl sandbox serve --port 0", title: "Listen on any free port" },
];

export const seeAlso = ["sandbox exec"];

export const define: Define = (command, invocation) =>
  addSandboxOptions(command)
    .addOption(
      new Option("--host <address>", "Address to listen on (default: 127.0.0.1)").default(
        "127.0.0.1",
      ),
    )
    .addOption(
      new Option("--port <n>", "Port to listen on, or 0 for any free port (default: 8787)")
        .default(8787)
        .argParser(parsePort),
    )
    .action(
      lenientAction(invocation, async (session, options) => {
        const { host } = session;
        const { serveSandbox } = await import("./shared/serve-sandbox.ts");
        const { url, apis, logins, close } = await serveSandbox(host, options);
        const { interrupt } = host;
        if (!isLoopback(options.host))
          await session.say({
            text: `warning: The sandbox is reachable from other machines on ${options.host} and does not use TLS.`,
            always: true,
          });
        await session.say({
          text: `Sandbox listening on ${url}. Press Ctrl-C to stop.`,
          always: true,
        });
        for (const { title, paths, environment } of apis)
          await session.say({
            text: [
              "",
              `${title} (${paths}):`,
              ...Object.entries(environment(url)).map(
                ([name, value]) => `export ${name}=${singleQuote(value)}`,
              ),
            ],
            always: true,
          });
        for (const [id, login] of Object.entries(logins))
          await session.say({
            text: [
              "",
              `Credentials for tokctl login ${id}:`,
              ...Object.entries(login).map(([name, value]) => `  ${name}: ${value}`),
            ],
            always: true,
          });
        if (!interrupt.aborted) await once(interrupt, "abort");
        await close();
        return 0;
      }),
    );

/** Parses a port number. */
function parsePort(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 65_535)
    throw new InvalidArgumentError("Expected a number from 0 to 65535.");
  return number;
}
