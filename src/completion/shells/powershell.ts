import { descriptionOf } from "../values.ts";
import type { Shell } from "./shell.ts";

const script = `# Completes tokctl in PowerShell. Written by: tokctl completion powershell
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
const plain = /^[\p{L}\p{N}_./\\=:-]+$/u;

export const powershell: Shell = {
  name: "powershell",
  file: "tokctl.ps1",
  script,
  read: ([line = ""]) => Buffer.from(line, "base64").toString("utf8").split("\0"),
  print: ({ head, candidates }, [line = ""]) => {
    const typed = powershell.read([line]).at(-1) ?? "";
    const items = candidates
      .map((candidate) => ({ candidate, whole: `${head}${candidate.value}` }))
      .filter(({ whole }) => whole.startsWith(typed))
      .map(({ candidate, whole }) => ({
        text: quote(whole),
        label: candidate.value,
        // A tooltip must not be empty.
        words: descriptionOf(candidate) || candidate.value,
      }));
    return toAscii(JSON.stringify(items));
  },
};

/** PowerShell also accepts typographic quotes. */
const quote = (text: string): string =>
  plain.test(text) ? text : `'${text.replaceAll(/['‘’‚‛]/g, "$&$&")}'`;

/** Formats JSON in ASCII, which is the same in every console encoding. */
const toAscii = (json: string): string =>
  json.replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
