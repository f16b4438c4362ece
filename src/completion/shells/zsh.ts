import { descriptionOf } from "../values.ts";
import { formatColumns, type Shell } from "./shell.ts";

const script = `#compdef tokctl
# Completes tokctl in zsh. Written by: tokctl completion zsh
_tokctl() {
  local -a lines values shown space
  lines=("\${(@f)$(command tokctl __complete zsh $COLUMNS "\${(@Q)words[2,CURRENT-1]}" \\
    "\${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  local kind=\${lines[1]%% *} head=\${lines[1]##* } line
  compset -p \${head:-0}
  case $kind in
    words|unfinished)
      for line in "\${(@)lines[2,-1]}"; do
        values+=("\${line%%$'\\t'*}")
        shown+=("\${line#*$'\\t'}")
      done
      [[ $kind == unfinished ]] && space=(-S '')
      compadd "\${(@)space}" -l -V tokctl -d shown -a values
      ;;
    files) _files ;;
    programs) _command_names -e ;;
  esac
}
if [[ $funcstack[1] == _tokctl ]]; then
  _tokctl "$@"
else
  compdef _tokctl tokctl
fi
`;

export const zsh: Shell = {
  name: "zsh",
  file: "_tokctl",
  script,
  read: ([_columns, ...words]) => words,
  print({ kind, head, candidates }, [columns]) {
    const rows = candidates.map((each) => [each.value, descriptionOf(each)] as const);
    const shown = formatColumns(rows, Number(columns));
    return [
      `${kind} ${head.length}`,
      ...candidates.map(({ value }, index) => `${value}\t${shown[index]}`),
      "",
    ].join("\n");
  },
};
