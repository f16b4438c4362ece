import { Option } from "@commander-js/extra-typings";
import { type Define, type Example, lenientAction } from "../../cli/command.ts";
import { UsageError } from "../../errors.ts";
import { defaultApi } from "../../sandbox/settings.ts";
import { addSandboxOptions } from "./shared/sandbox-options.ts";

/** Variables that configure tokctl and the platforms' own tools for another server. */
const targetVariables = /^(TOKCTL|OVH|OVHAI|OSMO)_/i;

export const examples: readonly Example[] = [
  { line: "tokctl sandbox exec -- bash", title: "Start a shell configured for a new sandbox" },
  {
    line: "tokctl sandbox exec --api osmo -- tokctl whoami",
    title: "Run one command against another API",
  },
];

export const seeAlso = ["sandbox serve"];

export const define: Define = (command, invocation) =>
  addSandboxOptions(command)
    .usage("[options] -- <program> [argument...]")
    .argument("<program...>", "Program and its arguments")
    .passThroughOptions()
    .addOption(
      new Option(
        "--api <provider>",
        "Provider to configure for the command (default: ovh-ai)",
      ).default(defaultApi),
    )
    .action(
      lenientAction(
        invocation,
        async (session, [program = "", ...args], { api: wanted, ...settings }) => {
          const { host } = session;
          if (invocation.args.at(-2 - args.length) !== "--")
            throw new UsageError(
              `Cannot read "${program}" as an option: the command must follow --.`,
              {
                hint: "Insert -- before the command.",
                unknownWord: { word: program, candidates: [`-- ${program}`], manyWords: true },
              },
            );
          const { serveSandbox } = await import("../../session/serve-sandbox.ts");
          const { url, apis, close } = await serveSandbox(host, {
            host: "127.0.0.1",
            port: 0,
            ...settings,
          });
          try {
            const api = apis.find(({ id }) => id === wanted);
            if (!api)
              throw new UsageError(`The sandbox has no API "${wanted}".`, {
                unknownWord: { word: wanted, candidates: apis.map(({ id }) => id) },
                hint: `Use one of ${apis.map(({ id }) => id).join(", ")}.`,
              });
            const otherVariables = Object.entries(host.env).filter(
              ([name]) => !targetVariables.test(name),
            );
            return await host.run(program, args, {
              ...Object.fromEntries(otherVariables),
              ...api.environment(url),
            });
          } finally {
            await close();
          }
        },
      ),
    );
