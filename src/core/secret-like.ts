import { uuidSource } from "./text.ts";

/** Runs of the characters of secrets: base64, base64url, and the dots of a JWT. */
const runs = /[\w+/=.~-]{16,}/g;

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
    Array.from(text.matchAll(runs), ([run]) => run)
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
    const begun = each.slice(0, prefixLength).replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
    masked = masked.replace(new RegExp(`${begun}[\\w+/=.~%-]*…?`, "gi"), "•••");
  }
  return masked;
}
