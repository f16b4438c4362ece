import { visibleAscii } from "./text.ts";

/** Characters that secrets are made of: base64, base64url, and the dots of a JWT. */
const runs = /[\w+/=.~-]{16,}/g;

const jwt = /^eyJ[\w-]{10,}\.[\w-]+(\.[\w-]*)?$/;
const uuid = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/gi;
/** Keys of OVHcloud's API, and digests. */
const hexKey = /^([\da-f]{32}|[\da-f]{64})$/;

/**
 * Finds what looks like a secret in a word of a command line: long, and of letters and digits in an
 * order that no name has. Ids (UUIDs), dates, paths and names are none.
 */
export function findSecretLike(word: string): readonly string[] {
  const text = word.replace(uuid, " ");
  return (
    Array.from(text.matchAll(runs), ([run]) => run)
      // Base64 has slashes too, but no dots: what has both is a path or an address.
      .flatMap((run) => (/[.~]/.test(run) && run.includes("/") ? run.split("/") : [run]))
      .flatMap((run) => [
        run,
        run.replace(/^-{0,2}[\w-]{1,30}=(?=.{16})/, ""),
        run.replace(/^-[a-z]/, ""),
      ])
      .map((run) => run.replace(/^[^a-z\d]+/i, ""))
      .filter(isSecretLike)
  );
}

function isSecretLike(run: string): boolean {
  if (jwt.test(run) || hexKey.test(run)) return true;
  const bare = run.replace(/[^a-z\d]/gi, "");
  if (run.length < 16 || /^[\da-f]+$/.test(bare) || !/\d/.test(bare)) return false;
  // Short secrets are in one piece; names, such as those of temporary folders, have hyphens.
  if (run.length < 32 && !/[^-_.~]{16}/.test(run)) return false;
  const isMixed = /[a-z]/.test(bare) && /[A-Z]/.test(bare);
  // Of lower-case letters and digits alone many names are made; keys are longer, in one piece.
  if (!isMixed && !/^(?=.*[a-z])[a-z\d]{24,}$/.test(run)) return false;
  // The parts that a name is made of are words and numbers: Deploy, Key, 2024.
  const parts = bare.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [];
  return bare.length / parts.length <= (bare.length < 30 ? 2.7 : 3.1);
}

/** What is shown may be cut short, in lower case or percent-encoded: its beginning tells it. */
const beginning = 10;

/** Replaces all that was found by •••. */
export function maskSecretLike(text: string, found: readonly string[]): string {
  let masked = text;
  for (const each of found) {
    const begun = each.slice(0, beginning).replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
    masked = masked.replace(new RegExp(`${begun}[\\w+/=.~%-]*…?`, "gi"), "•••");
  }
  return masked;
}

/**
 * Returns the secret in a text that it was copied with: quotes, `NAME=…`, `export NAME=…`,
 * `"token": "…",`, `token: …`, `Authorization: Bearer …`, a JSON object, line breaks inside of it,
 * a byte order mark. What has none of these is returned as it is, without white space around it.
 * @returns undefined if the text can't be one secret.
 */
export function parsePastedSecret(text: string): string | undefined {
  const clean = text.replace(invisible, "").trim();
  const fromJson = clean.startsWith("{") ? secretInJson(clean) : undefined;
  const secret = fromJson ?? stripDecorations(joinLines(clean) ?? "");
  return visibleAscii.test(secret) && !/["'`]/.test(secret) ? secret : undefined;
}

/** Byte order marks and characters without width, which web pages and chat programs add. */
const invisible = /[\u200b-\u200d\u2060\ufeff]/g;

/** Prefixes and suffixes, each of which may stand around the others. */
const decorations: readonly RegExp[] = [
  /^(?:-H|--header)\s+(?=\S)/,
  /^(?:export|set)\s+(?=\S)/i,
  /^\$env:(?=\S)/i,
  // A name before `=`; a base64 secret ends in = itself.
  /^[A-Za-z_][\w.-]*\s*=\s*(?=[^=\s])/,
  // A key of YAML or JSON, the name of a header, or what a program printed before the secret.
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
 * @returns undefined for lines that are not parts of one secret: several of one length are several
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

/** The `token` of an object, else its only text. */
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
