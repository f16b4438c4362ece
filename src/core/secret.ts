import { uuidSource, visibleAscii } from "./text.ts";

const mask = "•••";

/** The secrets of each run of the program that has not ended. The library tracks none. */
const runs = new Set<Set<string>>();

/**
 * Records every secret that is created until `end` is called, so that `maskSecrets` can mask it in the
 * output of servers and commands.
 */
export function trackSecrets(): { readonly end: () => void } {
  const values = new Set<string>();
  runs.add(values);
  return { end: () => void runs.delete(values) };
}

/** Masks the recorded secrets, except those shorter than 8 characters, which occur in other words. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const values of runs)
    for (const value of values) if (value.length >= 8) masked = masked.replaceAll(value, mask);
  return masked;
}

/** A secret text. Printed, logged or serialized it shows as •••; only `reveal` returns the text. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
    for (const values of runs) values.add(value);
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return mask;
  }
  toJSON(): string {
    return mask;
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return mask;
  }
}

/** Runs of the characters of secrets: base64, base64url, and the dots of a JWT. */
const secretRuns = /[\w+/=.~-]{16,}/g;

const jwt = /^eyJ[\w-]{10,}\.[\w-]+(\.[\w-]*)?$/;
const uuid = new RegExp(uuidSource, "gi");
/** Keys of OVHcloud's API, and hash values. */
const hexKey = /^([\da-f]{32}|[\da-f]{64})$/;

/**
 * Returns the parts of a command-line argument that look like a secret: long and random. UUIDs,
 * dates, paths and names are not.
 */
export function findSecretLike(word: string): readonly string[] {
  const text = word.replace(uuid, " ");
  return (
    Array.from(text.matchAll(secretRuns), ([run]) => run)
      // A run with slashes and dots is a path or a URL: base64 has no dots.
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
  // Names, such as those of temporary directories, have hyphens; short secrets don't.
  if (run.length < 32 && !/[^-_.~]{16}/.test(run)) return false;
  const isMixed = /[a-z]/.test(bare) && /[A-Z]/.test(bare);
  // Many names have only lower-case letters and digits; keys of that kind are longer, without hyphens.
  if (!isMixed && !/^(?=.*[a-z])[a-z\d]{24,}$/.test(run)) return false;
  // Names consist of words and numbers, such as Deploy, Key and 2024, which are longer than random parts.
  const parts = bare.match(/[A-Z]?[a-z]+|[A-Z]+|\d+/g) ?? [];
  return bare.length / parts.length <= (bare.length < 30 ? 2.7 : 3.1);
}

/** The number of characters to match: a message may shorten, lower-case or percent-encode the rest. */
const prefixLength = 10;

/** Replaces the parts that `findSecretLike` returned by •••. */
export function maskSecretLike(text: string, found: readonly string[]): string {
  let masked = text;
  for (const each of found) {
    const start = each.slice(0, prefixLength).replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
    masked = masked.replace(new RegExp(`${start}[\\w+/=.~%-]*…?`, "gi"), "•••");
  }
  return masked;
}

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
