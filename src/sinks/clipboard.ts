import { UsageError } from "../errors.ts";
import { isCommand, pipeSecret } from "./command.ts";
import type { SecretSink, SinkContext } from "./sink.ts";

type DesktopContext = Pick<SinkContext, "env" | "platform">;

/** A program that copies its stdin to the clipboard. The first available one is used. */
interface ClipboardTool {
  readonly program: string;
  readonly options?: string;
  isSupported(context: DesktopContext): boolean;
}

const hasX11 = ({ env }: DesktopContext) => !!env["DISPLAY"];

const tools: readonly ClipboardTool[] = [
  { program: "pbcopy", isSupported: ({ platform }) => platform === "darwin" },
  { program: "wl-copy", isSupported: ({ env }) => !!env["WAYLAND_DISPLAY"] },
  { program: "xclip", options: "-selection clipboard", isSupported: hasX11 },
  { program: "xsel", options: "--clipboard --input", isSupported: hasX11 },
  {
    program: "clip.exe",
    isSupported: ({ env, platform }) => platform === "win32" || !!env["WSL_DISTRO_NAME"],
  },
];

/** `clipboard`: the clipboard of the desktop, which other programs can read. */
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
  const supported = tools.filter((tool) => tool.isSupported(context));
  if (supported.length === 0)
    throw new UsageError("no desktop was found: neither WAYLAND_DISPLAY nor DISPLAY is set.", {
      hint: "Choose another destination, or run tokctl in a desktop session.",
    });
  for (const { program, options } of supported)
    if (await isCommand(program, context)) {
      // xclip, xsel and wl-copy keep running to serve the clipboard, so their output is redirected
      // from our pipes.
      const redirection = context.platform === "win32" ? "" : " >/dev/null 2>&1";
      return [program, options].filter(Boolean).join(" ") + redirection;
    }
  throw new UsageError("no clipboard program was found.", {
    hint: `Install one of ${supported.map(({ program }) => program).join(", ")}.`,
  });
}
