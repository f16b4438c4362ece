import { Argument, Option } from "@commander-js/extra-typings";
import { type Define, type Example, lenientAction } from "../cli/command.ts";
import {
  findInstallation,
  type InstallOutcome,
  install,
  uninstall,
} from "../completion/install.ts";
import { shells } from "../completion/shells.ts";
import { show, type View } from "../output/view.ts";

const scriptView: View<string> = {
  text: { kind: "lines", line: (line) => line },
  description: { kind: "lines", line: (line) => line },
  quietValue: (line) => line,
};

interface Installed {
  readonly shell: string;
  readonly path: string;
  readonly outcome: InstallOutcome;
}

const sentences: Readonly<Record<InstallOutcome, string>> = {
  installed: "installed in",
  unchanged: "already installed in",
  removed: "removed from",
  absent: "not installed in",
};

const line = ({ shell, path, outcome }: Installed) =>
  `completion for ${shell} ${sentences[outcome]} ${path}`;

const installedView: View<Installed> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
  quietValue: ({ path }) => path,
};

export const examples: readonly Example[] = [
  { line: "tokctl completion bash --install", title: "Install completion for new shells" },
  { line: "tokctl completion zsh", title: "Print the script" },
];

export const define: Define = (command, invocation) =>
  command
    .addArgument(new Argument("<shell>", "Shell").choices(shells.map(({ name }) => name)))
    .addOption(new Option("--install", "Install the script in the directory that the shell reads"))
    .addOption(new Option("--uninstall", "Remove the installed script").conflicts("install"))
    .action(
      lenientAction(invocation, async ({ host }, name, options) => {
        const shell = shells.find((each) => each.name === name);
        if (!shell) throw new Error(`unknown shell ${name}`);
        if (!options.install && !options.uninstall)
          return show({ shell: name, script: shell.script }, scriptView, {
            items: shell.script.trimEnd().split("\n"),
          });
        const installation = findInstallation(shell, host);
        const outcome = options.install ? install(shell, installation) : uninstall(installation);
        return show({ shell: name, path: installation.path, outcome }, installedView, {
          notes: options.install ? [{ text: installation.next }] : [],
        });
      }),
    );
