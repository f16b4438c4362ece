import { type RawWord, splitLine } from "./bash-words.ts";
import type { CompletionAnswer } from "./suggest.ts";
import { descriptionOf } from "./values.ts";

/** A shell with completion for tokctl. */
export interface Shell {
  readonly name: string;
  /** Name of the completion script's file. */
  readonly file: string;
  /** The completion script, which calls `tokctl __complete`. */
  readonly script: string;
  /** Returns the words after `tokctl` up to the cursor, from the arguments of the script. */
  read(args: readonly string[]): readonly string[];
  /** Formats the answer for the script. */
  print(answer: CompletionAnswer, args: readonly string[]): string;
}

/** A candidate in the syntax of the shell, and its description. */
type Row = readonly [value: string, words: string];

/** Formats candidates and descriptions in two columns, one line each. */
function formatColumns(rows: readonly Row[], columns: number): readonly string[] {
  const width = Math.max(...rows.map(([value]) => value.length));
  return rows.map(([value, words]) => {
    const line = words === "" ? value : `${value.padEnd(width)}  ${words}`;
    return Array.from(line)
      .slice(0, Math.max(columns - 2, value.length))
      .join("");
  });
}

const bashScript = `# Completes tokctl in bash 4 and later. Written by: tokctl completion bash
_tokctl() {
  local -a lines
  local columns=\${COLUMNS-}
  [[ $columns ]] || read -r _ columns 2>/dev/null < <(stty size 2>/dev/null </dev/tty)
  mapfile -t lines < <(command tokctl __complete bash "$COMP_TYPE" "\${columns:-80}" \\
    "$COMP_WORDBREAKS" "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
  COMPREPLY=()
  case \${lines[0]-} in
    words) COMPREPLY=("\${lines[@]:1}") ;;
    unfinished) COMPREPLY=("\${lines[@]:1}"); compopt -o nospace ;;
    files) compopt -o default ;;
    programs) mapfile -t COMPREPLY < <(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}") ;;
  esac
}
complete -o nosort -F _tokctl tokctl 2>/dev/null || complete -F _tokctl tokctl
`;

/** Values of COMP_TYPE (bash(1)): list the candidates, or insert them one after the other. */
const listing = "63";
const listingAndInserting = ["33", "64"];

const bash: Shell = {
  name: "bash",
  file: "tokctl.bash",
  script: bashScript,
  read: ([_type, _columns, breaks = "", line = ""]) =>
    splitLine(line, breaks)
      .slice(1)
      .map(({ text }) => text),
  print(
    { kind, head, candidates }: CompletionAnswer,
    [type = "", columns = "", breaks = "", line = ""],
  ) {
    const word = splitLine(line, breaks).at(-1);
    // The target of a redirection is not an argument.
    if (!word || word.redirects) return "files\n";
    // The value of a variable or command is unknown here. For an unquoted path, bash expands it.
    if (word.expands && (kind !== "files" || word.quote !== "")) return "words\n";
    if (kind === "files" || kind === "programs") return `${kind}\n`;
    const matches = candidates
      .map((candidate) => ({ ...candidate, value: `${head}${candidate.value}` }))
      .filter(({ value }) => value.startsWith(word.text));
    const several = matches.length > 1;
    const isList = several && type === listing;
    const withWords =
      isList || (several && listingAndInserting.includes(type) && word.quote === "");
    const rows = matches.map((candidate): Row => {
      const rest = candidate.value.slice(word.before.length);
      return [isList ? rest : quoteForBash(rest, word.quote), descriptionOf(candidate)];
    });
    const lines = withWords ? formatColumns(rows, Number(columns)) : rows.map(([value]) => value);
    // A padded first line makes readline print one candidate per line.
    const [first, ...others] = lines;
    const wide = withWords ? first?.padEnd(Number(columns) / 2) : first;
    return `${[kind, ...(wide === undefined ? [] : [wide]), ...others].join("\n")}\n`;
  },
};

/** Quotes a text for bash, inside an open quote or unquoted. */
function quoteForBash(text: string, open: RawWord["quote"]): string {
  if (open === "'") return text.replaceAll("'", "'\\''");
  // Double quotes don't prevent history expansion of "!".
  if (open === '"') return text.replaceAll(/[\\"$`]/g, "\\$&").replaceAll("!", `"'!'"`);
  return text.replaceAll(/[^\p{L}\p{N}_@%+:,./=-]/gu, "\\$&");
}

const zshScript = `#compdef tokctl
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

const zsh: Shell = {
  name: "zsh",
  file: "_tokctl",
  script: zshScript,
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

const fishScript = `# Completes tokctl in fish 3 and later. Written by: tokctl completion fish
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

const fish: Shell = {
  name: "fish",
  file: "tokctl.fish",
  script: fishScript,
  // fish removes the quotes of all words except the one at the cursor.
  read: (args) => [...args.slice(0, -1), splitLine(args.at(-1) ?? "", "").at(-1)?.text ?? ""],
  print: ({ kind, head, candidates }) =>
    [
      kind === "files" ? `${kind} ${head}` : kind,
      ...candidates.map((candidate) => `${head}${candidate.value}\t${descriptionOf(candidate)}`),
      "",
    ].join("\n"),
};

const powershellScript = `# Completes tokctl in PowerShell. Written by: tokctl completion powershell
Register-ArgumentCompleter -Native -CommandName tokctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_.Value -is [string]) { $_.Value } else { $_.Extent.Text } })
    $words += "$wordToComplete"
    # Encoded, because quotes and empty words don't reach programs in every version.
    $line = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($words -join "\`0"))
    $program = Get-Command tokctl -CommandType Application, ExternalScript -ErrorAction Ignore |
        Select-Object -First 1
    if (-not $program) { return }
    $answer = $null | & $program __complete powershell $line 2>$null | ConvertFrom-Json
    foreach ($item in $answer) {
        [System.Management.Automation.CompletionResult]::new(
            $item.text, $item.label, 'ParameterValue', $item.words)
    }
}
`;

/** Text that PowerShell reads as one word without quotes. */
const plainWord = /^[\p{L}\p{N}_./\\=:-]+$/u;

const powershell: Shell = {
  name: "powershell",
  file: "tokctl.ps1",
  script: powershellScript,
  read: ([line = ""]) => Buffer.from(line, "base64").toString("utf8").split("\0"),
  print: ({ head, candidates }, [line = ""]) => {
    const typed = powershell.read([line]).at(-1) ?? "";
    const items = candidates
      .map((candidate) => ({ candidate, whole: `${head}${candidate.value}` }))
      .filter(({ whole }) => whole.startsWith(typed))
      .map(({ candidate, whole }) => ({
        text: quoteForPowershell(whole),
        label: candidate.value,
        // A tooltip must not be empty.
        words: descriptionOf(candidate) || candidate.value,
      }));
    return toAscii(JSON.stringify(items));
  },
};

/** PowerShell also accepts typographic quotes. */
const quoteForPowershell = (text: string): string =>
  plainWord.test(text) ? text : `'${text.replaceAll(/['‘’‚‛]/g, "$&$&")}'`;

/** Formats JSON in ASCII, which is the same in every console encoding. */
const toAscii = (json: string): string =>
  json.replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The shells with completion, as the first argument of `tokctl completion`. */
export const shells: readonly Shell[] = [bash, zsh, fish, powershell];
