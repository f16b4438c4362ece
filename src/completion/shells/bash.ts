import type { CompletionAnswer } from "../suggest.ts";
import { descriptionOf } from "../values.ts";
import { formatColumns, type Row, type Shell } from "./shell.ts";

/** A word of a command line in bash syntax. */
export interface RawWord {
  /** The text without quotes and escapes. */
  readonly text: string;
  /** The part of the text that readline does not replace. */
  readonly before: string;
  /** The quote that is open at the end of the word. */
  readonly quote: "" | '"' | "'";
  /** Whether it contains an expansion: a variable or a command substitution. */
  readonly expands: boolean;
  /** Whether it is the target of a redirection. */
  readonly redirects: boolean;
}

const blank: RawWord = { text: "", before: "", quote: "", expands: false, redirects: false };

/**
 * Splits a command line up to the cursor into words like bash, without expansion. The last word is
 * at the cursor, and empty after a space. Omits redirections, except at the cursor.
 * @param breaks COMP_WORDBREAKS: readline replaces the text after the last of these characters.
 */
export function splitLine(line: string, breaks: string): readonly RawWord[] {
  const words: RawWord[] = [];
  let word: RawWord | undefined;
  let quote: RawWord["quote"] = "";
  let redirects = false;
  const add = (text: string) => {
    word = { ...(word ?? { ...blank, redirects }), text: `${word?.text ?? ""}${text}` };
  };
  const restart = () => {
    if (word) word = { ...word, before: word.text };
  };
  const end = () => {
    if (word && !word.redirects) words.push(word);
    if (word) redirects = false;
    word = undefined;
  };
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? "";
    const next = line[at + 1];
    if (quote === "" && /\s/.test(character)) end();
    else if (quote === "" && /[<>]/.test(character)) {
      // The number before a redirection is a file descriptor.
      if (word && /^\d+$/.test(word.text)) word = undefined;
      end();
      redirects = true;
    } else if (character === quote) {
      quote = "";
      restart();
    } else if (quote === "" && (character === '"' || character === "'")) {
      quote = character;
      add("");
      restart();
    } else if (character === "\\" && quote !== "'" && next !== undefined) {
      const escapes = quote === "" || /[\\"$`\n]/.test(next);
      add(escapes ? next : `\\${next}`);
      at++;
    } else {
      add(character);
      if (word && quote !== "'" && /[$`]/.test(character)) word = { ...word, expands: true };
      if (quote === "" && breaks.includes(character)) restart();
    }
  }
  return [...words, { ...(word ?? { ...blank, redirects }), quote }];
}

const script = `# Completes tokctl in bash 4 and later. Written by: tokctl completion bash
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

export const bash: Shell = {
  name: "bash",
  file: "tokctl.bash",
  script,
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
      return [isList ? rest : quote(rest, word.quote), descriptionOf(candidate)];
    });
    const lines = withWords ? formatColumns(rows, Number(columns)) : rows.map(([value]) => value);
    // A padded first line makes readline print one candidate per line.
    const [first, ...others] = lines;
    const wide = withWords ? first?.padEnd(Number(columns) / 2) : first;
    return `${[kind, ...(wide === undefined ? [] : [wide]), ...others].join("\n")}\n`;
  },
};

/** Quotes a text for bash, inside an open quote or unquoted. */
function quote(text: string, open: RawWord["quote"]): string {
  if (open === "'") return text.replaceAll("'", "'\\''");
  // Double quotes don't prevent history expansion of "!".
  if (open === '"') return text.replaceAll(/[\\"$`]/g, "\\$&").replaceAll("!", `"'!'"`);
  return text.replaceAll(/[^\p{L}\p{N}_@%+:,./=-]/gu, "\\$&");
}
