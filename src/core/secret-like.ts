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
