import { errorCodes, explanations } from "../../src/cli/error-explanations.ts";
import { type ErrorCode, exitCodes } from "../../src/errors.ts";
import { escapeMarkdown, toPage } from "./markdown.ts";

/** An error that a test provoked. */
export interface CollectedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** The values that differ between test runs, and their placeholders. */
const variables: readonly (readonly [RegExp, string])[] = [
  [/\bhttps?:\/\/(?:127\.0\.0\.1|localhost):\d+[^\s"',;)]*(?<![.:])/g, "URL"],
  [/\b127\.0\.0\.1:\d{5}\b/g, "HOST"],
  [/\b[0-9a-f]{1,8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "ID"],
  [/\b[0-9a-f]{8}\b|\b[0-9a-f]{32}\b/g, "ID"],
  [/\b[\w+/-]{43,}\b=*/g, "SECRET"],
  [/(?<![\w./])\/(?!v\d|api\/)[\w.-]+\/[\w./-]*\w/g, "PATH"],
  [/\b\d+ ?ms\b/g, "DURATION"],
];

/** Lines of a hint that depend on the command line or the request, not on the error. */
const incidental =
  /^(?:Did you mean|For example: tokctl |request id: |An argument looks like a secret).*(?:\n {2}tokctl .*)*\n?/gm;

/** The parts by which two errors of the same wording differ. */
const names: readonly (readonly [RegExp, string])[] = [
  [/\b([45]\d\d) [A-Z].*/g, "$1"],
  [/(?<=plain HTTP to )\S+ \([^)]*\)/g, "HOST"],
  [/\bhttps?:\/\/[^\s"',;)]*(?<![.:])/g, "URL"],
  [/\bchecks failed: .*/g, "checks failed"],
  [/(?<=unexpected response: )[\w.[\]]+(?:, [\w.[\]]+)*(?= \()/g, "FIELD"],
  [/"[^"]*"|'[^']*'/g, '""'],
  [/\b(?:GET|POST|PUT|PATCH|DELETE)\b/g, "METHOD"],
  [/NVIDIA OSMO|OVHcloud (?:AI|ML Serving|public API)/g, "PROVIDER"],
  [/\b(?:token|app|job|notebook)s?\b/g, "token"],
  [/\btokctl [a-z-].*/g, "tokctl"],
  [/(?<=--sort )\S+|(?<=Supported keys: ).*/g, "KEY"],
  [/(?<!\w)--?\w[\w-]*(?: [A-Z]+)?|\b[A-Z]+_[A-Z_]+\b/g, "OPTION"],
  [/\b(?:file|env-file|command|gitlab-variable|[\w-]+):\S*(?: \S*…\S*)?/g, "DESTINATION"],
  [/\d+/g, "0"],
];

const replaceAll = (text: string, patterns: readonly (readonly [RegExp, string])[]): string =>
  patterns.reduce((replaced, [pattern, value]) => replaced.replace(pattern, value), text);

/** Formats the page of the errors that the tests provoke, with one row for each wording. */
export function toErrorsPage(errors: readonly CollectedError[]): string {
  return toPage([
    "# Error messages",
    "The errors that the tests provoke, by error code. Values that differ between runs are replaced by words in capitals. Errors that differ only in a name are listed once.",
    ...errorCodes.flatMap((code) => [
      `## ${code}`,
      `Exit code ${exitCodes[code]}: ${escapeMarkdown(explanations[code].meaning)}.`,
      toRows(errors.filter((error) => error.code === code)),
    ]),
  ]);
}

function toRows(errors: readonly CollectedError[]): string {
  const rows = new Map<string, string>();
  const cells = errors.map(({ message, hint = "" }) =>
    [message, hint.replace(incidental, "").trim()].map((text) => replaceAll(text, variables)),
  );
  // The shortest of several similar errors is listed.
  for (const row of cells.toSorted(byLength)) {
    const key = replaceAll(row.join("\n"), names);
    if (!rows.has(key)) rows.set(key, `| ${row.map(toCell).join(" | ")} |`);
  }
  return rows.size === 0
    ? ""
    : ["| message | hint |", "|---|---|", ...[...rows.values()].toSorted()].join("\n");
}

function byLength(a: readonly string[], b: readonly string[]): number {
  const [first, second] = [a.join("\n"), b.join("\n")];
  return first.length - second.length || (first < second ? -1 : 1);
}

const toCell = (text: string): string => escapeMarkdown(text).replaceAll(/\n */g, "<br>");
