import { descriptionOf } from "../values.ts";
import { splitLine } from "./bash.ts";
import type { Shell } from "./shell.ts";

const script = `# Completes tokctl in fish 3 and later. Written by: tokctl completion fish
function __tokctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command tokctl __complete fish $words[2..-1] "$current" </dev/null)
    switch "$lines[1]"
        case words unfinished
            printf '%s\\n' $lines[2..-1]
        case 'files *'
            set -l head (string replace 'files ' '' -- $lines[1])
            set -l rest (string sub -s (math (string length -- "$head") + 1) -- "$current")
            string replace -r '^' -- "$head" (__fish_complete_path "$rest")
        case programs
            __fish_complete_command
    end
end
complete -c tokctl -f -k -a '(__tokctl_complete 2>/dev/null)'
`;

export const fish: Shell = {
  name: "fish",
  file: "tokctl.fish",
  script,
  // fish removes the quotes of all words except the one at the cursor.
  read: (args) => [...args.slice(0, -1), splitLine(args.at(-1) ?? "", "").at(-1)?.text ?? ""],
  print: ({ kind, head, candidates }) =>
    [
      kind === "files" ? `${kind} ${head}` : kind,
      ...candidates.map((candidate) => `${head}${candidate.value}\t${descriptionOf(candidate)}`),
      "",
    ].join("\n"),
};
