import type { Token } from "../../../core/token.ts";
import { escapeControls } from "../../../output/escape.ts";
import type { ListedToken } from "../shared/selection.ts";

/** The columns, which are the keys of JSON output. */
const columns = [
  "id",
  "name",
  "roles",
  "labelSelector",
  "resource",
  "description",
  "owner",
  "region",
  "createdAt",
  "updatedAt",
  "expiresAt",
  "expiryEnforcedBy",
  "status",
  "version",
] as const satisfies readonly (keyof Token)[];

/**
 * Formats tokens as CSV with a header.
 * @param hasProfiles whether the tokens belong to several profiles, which are the first column.
 * @see https://www.rfc-editor.org/rfc/rfc4180
 */
export function toCsv(tokens: readonly ListedToken[], hasProfiles: boolean): string {
  const keys = hasProfiles ? (["profile", ...columns] as const) : columns;
  return [keys, ...tokens.map((token) => keys.map((key) => token[key]))]
    .map((row) => `${row.map(toField).join(",")}\r\n`)
    .join("");
}

/** The first characters of a formula in a spreadsheet, also as full-width characters. */
const formula = /^[=+\-@＝＋－＠]/u;

function toField(value: ListedToken[keyof ListedToken]): string {
  const text = escapeControls([value ?? ""].flat().join(","));
  // A spreadsheet would run a formula in a name; an apostrophe makes it a text.
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
