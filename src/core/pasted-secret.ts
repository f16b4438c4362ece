import { visibleAscii } from "./text.ts";

/**
 * Returns the secret in a pasted text, without the text around it: quotes, `NAME=…`,
 * `export NAME=…`, `"token": "…",`, `token: …`, `Authorization: Bearer …`, a JSON object, line breaks,
 * a byte order mark, spaces.
 * @returns undefined if the text is not exactly one secret.
 */
export function parsePastedSecret(text: string): string | undefined {
  const clean = text.replace(invisible, "").trim();
  const fromJson = clean.startsWith("{") ? secretInJson(clean) : undefined;
  const secret = fromJson ?? stripDecorations(joinLines(clean) ?? "");
  return visibleAscii.test(secret) && !/["'`]/.test(secret) ? secret : undefined;
}

/** Byte order marks and zero-width characters, which web pages and chat programs add. */
const invisible = /[\u200b-\u200d\u2060\ufeff]/g;

/** Prefixes and suffixes, in any combination. */
const decorations: readonly RegExp[] = [
  /^(?:-H|--header)\s+(?=\S)/,
  /^(?:export|set)\s+(?=\S)/i,
  /^\$env:(?=\S)/i,
  // NAME=…; the lookahead keeps the = at the end of base64.
  /^[A-Za-z_][\w.-]*\s*=\s*(?=[^=\s])/,
  // A key in YAML or JSON, the name of a header, or a label that a program printed.
  /^["'][\w. -]+["']\s*:\s*(?=\S)/,
  /^[A-Za-z_][\w. -]*:\s+(?=\S)/,
  /^(?:proxy-)?authorization:(?=\S)/i,
  /^(?:bearer|basic|token)\s+(?=\S)/i,
  /^["'`\u201c\u201d\u2018\u2019]+/,
  /[\s,;"'`\u201c\u201d\u2018\u2019]+$/,
];

function stripDecorations(text: string): string {
  const stripped = decorations.reduce((rest, each) => rest.replace(each, ""), text.trim());
  return stripped === text ? text : stripDecorations(stripped);
}

/**
 * Joins a secret that was wrapped over several lines.
 * @returns undefined if the lines are not parts of one secret. Lines of the same length are several
 * secrets.
 */
function joinLines(text: string): string | undefined {
  const [first = "", ...rest] = text
    .split(/[\r\n\u2028\u2029]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (rest.length === 0) return first;
  const isPart = (line: string) => /^[\w+/.-]+={0,2}["'`,;]*$/.test(line);
  const areOneLength = rest.every(({ length }) => length === first.length);
  return rest.every(isPart) && !areOneLength ? [first, ...rest].join("") : undefined;
}

/** Returns the value of `token`, else the only text of a JSON object. */
function secretInJson(text: string): string | undefined {
  try {
    const object: Readonly<Record<string, unknown>> = JSON.parse(text.replace(/[,;]$/, ""));
    const texts = Object.values(object).filter((value) => typeof value === "string");
    const [value] = Object.hasOwn(object, "token") ? [object["token"]] : texts;
    return typeof value === "string" && (Object.hasOwn(object, "token") || texts.length === 1)
      ? value.trim()
      : undefined;
  } catch {
    return undefined;
  }
}
