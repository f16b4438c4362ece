import { UsageError } from "../errors.ts";
import { isCommand, pipeSecret } from "./command.ts";
import type { SecretSink, SinkContext } from "./sink.ts";

type Surroundings = Pick<SinkContext, "env" | "platform">;

/** A program that puts what it reads into the clipboard. The first that is there is taken. */
interface Tool {
  readonly program: string;
  readonly options?: string;
  suits(surroundings: Surroundings): boolean;
}

const onX11 = ({ env }: Surroundings) => !!env["DISPLAY"];

const tools: readonly Tool[] = [
  { program: "pbcopy", suits: ({ platform }) => platform === "darwin" },
  { program: "wl-copy", suits: ({ env }) => !!env["WAYLAND_DISPLAY"] },
  { program: "xclip", options: "-selection clipboard", suits: onX11 },
  { program: "xsel", options: "--clipboard --input", suits: onX11 },
  {
    program: "clip.exe",
    suits: ({ env, platform }) => platform === "win32" || !!env["WSL_DISTRO_NAME"],
  },
];

/** `clipboard`: that of the desktop. Until something else is copied there, all programs can read it. */
export const parse = (): SecretSink => ({
  async prepare(context) {
    const line = await findTool(context);
    return {
      deliver: (secret) => pipeSecret(line, secret.reveal(), context),
      discard: async () => {},
    };
  },
});

async function findTool(context: SinkContext): Promise<string> {
  const suited = tools.filter((tool) => tool.suits(context));
  if (suited.length === 0)
    throw new UsageError("there is no desktop here.", {
      hint: "Neither WAYLAND_DISPLAY nor DISPLAY is set.",
    });
  for (const { program, options } of suited)
    if (await isCommand(program, context)) {
      // Those of Linux stay, to serve what they hold: they must not hold our pipes.
      const apart = context.platform === "win32" ? "" : " >/dev/null 2>&1";
      return [program, options].filter(Boolean).join(" ") + apart;
    }
  throw new UsageError("there is no program for it here.", {
    hint: `Install one of ${suited.map(({ program }) => program).join(", ")}.`,
  });
}
