import { once } from "node:events";
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { type Define, type Example, lenientAction } from "../../cli/command.ts";
import { singleQuote } from "../../core/text.ts";
import { isLoopback } from "../../core/url.ts";
import { addSandboxOptions } from "./options.ts";

export const examples: readonly Example[] = [
  { line: "tokctl sandbox serve --port 0", title: "Listen on any free port" },
];

export const seeAlso = ["sandbox exec"];

export const define: Define = (command, invocation) =>
  addSandboxOptions(command)
    .addOption(new Option("--host <address>", "Address to listen on").default("127.0.0.1"))
    .addOption(
      new Option("--port <n>", "Port to listen on; 0 for any free port")
        .default(8787)
        .argParser(port),
    )
    .action(
      lenientAction(invocation, async (session, where) => {
        const { url, apis, logins, close } = await session.serveSandbox(where);
        const { interrupt } = session.host;
        if (!isLoopback(where.host))
          await session.say({
            text: `warning: it listens on ${where.host}, beyond this machine, without encryption.`,
            always: true,
          });
        await session.say({
          text: `The sandbox listens on ${url}; stop it with ^C.`,
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
              `To sign in with tokctl login ${id}:`,
              ...Object.entries(login).map(([name, value]) => `  ${name}: ${value}`),
            ],
            always: true,
          });
        if (!interrupt.aborted) await once(interrupt, "abort");
        await close();
        return 0;
      }),
    );

function port(text: string): number {
  const number = Number(text);
  if (!/^\d{1,5}$/.test(text) || number > 65_535)
    throw new InvalidArgumentError("It is a number from 0 to 65535.");
  return number;
}
