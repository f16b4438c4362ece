import { Option } from "@commander-js/extra-typings";
import { UsageError } from "../../errors.ts";
import { action, command, type Invocation } from "../command.ts";

export const execCommand = (invocation: Invocation) =>
  command("exec", "Run a command against a fresh sandbox, set up for it")
    .usage("[options] -- <command...>")
    .argument("<command...>", "the program and its arguments")
    .passThroughOptions()
    .addOption(new Option("--api <id>", "the provider to set up (default: the first)"))
    .action(
      action(invocation, async (context, [program = "", ...args], { api: wanted }) => {
        const { host } = context;
        if (invocation.args.at(-1 - args.length - 1) !== "--")
          throw new UsageError(`"${program}" stands where options are read.`, {
            hint: `Put -- before the command: tokctl sandbox exec -- ${program} …`,
          });
        const { url, apis, close } = await context.serveSandbox({ host: "127.0.0.1", port: 0 });
        try {
          const api = wanted === undefined ? apis[0] : apis.find(({ id }) => id === wanted);
          if (!api)
            throw new UsageError(`The sandbox has no API "${wanted}".`, {
              hint: `It has ${apis.map(({ id }) => id).join(", ")}.`,
            });
          const foreign = Object.entries(host.env).filter(([name]) => !name.startsWith("TOKCTL_"));
          return await host.run(program, args, {
            ...Object.fromEntries(foreign),
            ...api.environment(url),
          });
        } finally {
          await close();
        }
      }),
    );
