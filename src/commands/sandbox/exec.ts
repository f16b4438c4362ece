import { Option } from "@commander-js/extra-typings";
import { type Define, type Example, lenientAction } from "../../cli/command.ts";
import { UsageError } from "../../errors.ts";
import type { SandboxApi } from "../../sandbox/api.ts";
import type { Logins } from "../../sandbox/logins.ts";
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
  {
    line: "tokctl sandbox exec --api ovh-ai,osmo --tokens 1000 -- bash",
    title: "Start a shell with two profiles and 1,000 tokens each",
  },
  {
    line: "tokctl sandbox exec --fail 'POST /v1/token:drop-response' -- tokctl token create ci -r ai_training_read",
    title: "Create a token and lose the response",
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
        "--api <providers>",
        `Providers to configure for the command, separated by commas (default: ${defaultApi})`,
      ).default(defaultApi),
    )
    .action(
      lenientAction(
        invocation,
        async (session, [program = "", ...args], { api: list, ...settings }) => {
          const { host } = session;
          if (invocation.args.at(-2 - args.length) !== "--")
            throw new UsageError(
              `Cannot read "${program}" as an option: the command must follow --.`,
              {
                hint: "Insert -- before the command.",
                unknownWord: { word: program, candidates: [`-- ${program}`], manyWords: true },
              },
            );
          const { serveSandbox, saveSandboxProfiles } = await import("./shared/serve-sandbox.ts");
          const { url, apis, logins, close } = await serveSandbox(host, {
            host: "127.0.0.1",
            port: 0,
            ...settings,
          });
          try {
            const selected = selectApis(list, apis);
            const [first, ...others] = selected;
            const otherVariables = Object.entries(host.env).filter(
              ([name]) => !targetVariables.test(name),
            );
            if (host.stderr.isTTY)
              await session.say({ text: describeSandbox(url, selected, logins, program) });
            return await host.run(program, args, {
              env: {
                ...Object.fromEntries(otherVariables),
                // Variables would have precedence over a profile that a command selects.
                ...(others.length === 0 && first?.environment(url)),
                TOKCTL_SANDBOX_URL: url,
              },
              prepareHome: (folder) => saveSandboxProfiles(folder, host, selected, url),
            });
          } finally {
            await close();
          }
        },
      ),
    );

/** Returns the lines that are printed before a program starts at a terminal. */
function describeSandbox(
  url: string,
  [first, ...others]: readonly SandboxApi[],
  logins: Logins,
  program: string,
): readonly string[] {
  const users = Object.entries(logins).filter(([, login]) => "user" in login);
  return [
    `Sandbox at ${url}. It stops when ${program} exits.`,
    `You are signed in to ${first?.title} (${first?.id}).`,
    ...others.map(({ title, id }) => `For ${title}, pass -p ${id}.`),
    "Other accounts, for tokctl login PROVIDER:",
    ...users.map(([id, login]) => {
      const fields = Object.entries(login).map(([name, value]) => `${name} ${value}`);
      return `  ${id}: ${fields.join(", ")}`;
    }),
  ];
}

/**
 * Returns the APIs of a list of provider IDs, in its order and without duplicates.
 * @throws UsageError for an unknown ID
 */
function selectApis<Api extends { readonly id: string }>(
  list: string,
  apis: readonly Api[],
): readonly Api[] {
  const ids = apis.map(({ id }) => id);
  const words = new Set(list.split(",").map((word) => word.trim()));
  return [...words].map((word) => {
    const api = apis.find(({ id }) => id === word);
    if (api) return api;
    throw new UsageError(`The sandbox has no API "${word}".`, {
      unknownWord: { word, candidates: ids },
      hint: `Use one of ${ids.join(", ")}, or several separated by commas.`,
    });
  });
}
