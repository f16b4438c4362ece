/** Returns the known words with the smallest distance to a mistyped word; none if all differ too much. */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const rated = [...new Set(known)].map((each) => ({ each, distance: distanceOf(word, each) }));
  const least = Math.min(...rated.map(({ distance }) => distance));
  return least === Infinity
    ? []
    : rated.filter(({ distance }) => distance === least).map(({ each }) => each);
}

/**
 * Returns the number of wrong characters: 0 if only capitals, punctuation or a URL scheme differ, 0.5
 * for a prefix, Infinity for words that differ too much.
 */
export function distanceOf(word: string, known: string): number {
  const [typed, intended] = [bare(word), bare(known)];
  if (typed === "" || intended === "") return Infinity;
  if (typed === intended || withoutScheme(word) === withoutScheme(known)) return 0;
  if (typed.length >= 4 && intended.startsWith(typed)) return 0.5;
  const shorter = Math.min(typed.length, intended.length);
  if (intended.length >= 4 && typed.startsWith(intended) && typed.length <= intended.length + 2)
    return 0.5;
  // Short words are close to many others.
  const most = shorter < 3 ? 0 : shorter < 5 ? 1 : shorter < 10 ? 2 : 3;
  if (Math.abs(typed.length - intended.length) > most || typed.length > longest) return Infinity;
  const distance = countEdits(typed, intended);
  return distance <= most ? distance : Infinity;
}

/** Longer words are not compared: it would take too long. */
const longest = 200;

/** Counts wrong, missing, extra and swapped letters (optimal string alignment distance). */
function countEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const edits = [(last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits.push((beforeLast[j - 2] ?? 0) + 1);
      row.push(Math.min(...edits));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}

const bare = (word: string): string => word.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");

/** Removes a URL scheme, which may be missing or different. */
const withoutScheme = (word: string): string => bare(word.replace(/^https?:\/\//i, ""));

const words = (text: string): readonly string[] => text.split(" ");

/** Names of commands in other tools, by the command's name or path here. */
export const commandSynonyms: Readonly<Record<string, readonly string[]>> = {
  token: words("tokens key keys api-key api-keys apikey secret secrets credential credentials pat"),
  app: words("apps application applications deployment deployments"),
  job: words("jobs"),
  notebook: words("notebooks"),
  create: words("add new make generate issue mint"),
  get: words("show describe desc info view inspect read cat"),
  list: words("all index"),
  renew: words("rotate refresh regenerate regen roll reissue"),
  delete: words("remove destroy del erase"),
  check: words("test verify validate introspect"),
  reach: words("scope access can"),
  run: words("create add new make deploy submit"),
  start: words("restart resume"),
  stop: words("halt pause cancel"),
  "set-label": words("label tag"),
  login: words("auth signin sign-in configure init setup connect authenticate"),
  logout: words("signout sign-out disconnect"),
  profile: words("profiles config configuration context contexts account accounts"),
  "profile use": words("switch select activate use-context"),
  "profile show": words("get view settings"),
  "profile remove": words("delete del unset"),
  whoami: words("who user id identity"),
  serve: words("start run up mock emulate"),
  exec: words("shell run"),
  doctor: words("diagnose health status ping debug"),
  help: words("man manual usage docs"),
};

/**
 * Options of other tools, and their replacements here; only those that the command has apply. ""
 * removes the option: its value is an argument here.
 */
export const optionSynonyms: Readonly<Record<string, readonly string[]>> = {
  "--json": ["--output json"],
  "--yaml": ["--output yaml"],
  "--format": ["--output"],
  "--out": ["--output"],
  "--name": [""],
  "--id": [""],
  "--token-id": [""],
  "--expires": ["--expires-at", "--expiring-within"],
  "--expires-in": ["--expires-at", "--expiring-within"],
  "--expire": ["--expires-at", "--expiring-within"],
  "--expiry": ["--expires-at", "--expiring-within"],
  "--expiration": ["--expires-at", "--expiring-within"],
  "--ttl": ["--expires-at"],
  "--lifetime": ["--expires-at"],
  "--valid-for": ["--expires-at"],
  "--labels": ["--label-selector", "--label"],
  "--selector": ["--label-selector", "--label"],
  "--scope": ["--label-selector", "--role"],
  "--scopes": ["--role"],
  "--permission": ["--role"],
  "--permissions": ["--role"],
  "--grant": ["--role"],
  "--owner": ["--user"],
  "--comment": ["--description"],
  "--note": ["--description"],
  "--force": ["--yes"],
  "-f": ["--yes"],
  "--no-input": ["--yes"],
  "--assume-yes": ["--yes"],
  "--non-interactive": ["--yes"],
  "--ignore-not-found": ["--missing-ok"],
  "--ignore-missing": ["--missing-ok"],
  "--if-exists": ["--missing-ok"],
  "--max": ["--limit"],
  "--count": ["--limit"],
  "--first": ["--limit"],
  "-n": ["--limit"],
  "--order": ["--sort"],
  "--order-by": ["--sort"],
  "--sort-by": ["--sort"],
  "--expired": ["--status expired"],
  "--active": ["--status active"],
  "--retry": ["--retries"],
  "--verbose": ["--debug"],
  "-v": ["--version", "--debug"],
  "--silent": ["--quiet"],
  "--api-token": ["--app-token"],
  "--access-token": ["--app-token"],
  "--auth-token": ["--app-token"],
  "--api-key": ["--app-token"],
  "--apikey": ["--app-token"],
  "--bearer": ["--app-token"],
  "--token-file": ["--app-token-file"],
  "--password-stdin": ["--app-token-file -"],
  "--with-token": ["--app-token-file -"],
  "--host": ["--url"],
  "--endpoint": ["--url"],
  "--server": ["--url"],
  "--address": ["--url"],
  "--base-url": ["--url"],
  "--api": ["--provider"],
  "--cloud": ["--provider"],
  "--platform": ["--provider"],
  "--config": ["--profile"],
  "--context": ["--profile"],
  "--account": ["--profile"],
  "--ca": ["--ca-file"],
  "--cacert": ["--ca-file"],
  "--ca-cert": ["--ca-file"],
  "--ca-bundle": ["--ca-file"],
  "--cert": ["--cert-file"],
  "--key": ["--key-file"],
};
