import { profileKeys } from "../config/profiles.ts";
import type { Provider } from "../core/provider.ts";
import { dayMs } from "../core/time.ts";
import { exitCodes } from "../errors.ts";
import { escapeControls, hasControls } from "../output/escape.ts";
import { providers } from "../providers/index.ts";
import type { CachedToken } from "../session/token-cache.ts";
import { sinkKinds } from "../sinks/index.ts";
import { findCommand, type Line } from "./line.ts";
import type { CompletionTarget } from "./place.ts";
import type { CommandNode, CommandTree } from "./tree.ts";

/** Something to choose, and what is said of it. */
export interface Candidate {
  readonly value: string;
  readonly description?: string | undefined;
  /** More of the same word follows. */
  readonly open?: boolean;
}

/** What a place of the line is completed from. */
export interface CompletionRequest {
  readonly root: CommandTree;
  readonly line: Line;
  readonly place: CompletionTarget;
  readonly now: Date;
}

type Source = (asked: CompletionRequest) => Promise<readonly Candidate[]> | readonly Candidate[];

/**
 * What completes the placeholders of options and arguments that stand for something known:
 * `<token>`, `[provider]`. Paths and programs are the shell's to complete.
 */
export const sources: Readonly<Record<string, Source>> = {
  token: async ({ line, place, now }) => toCandidates(await place.tokens(), line, now),
  profile: ({ place: { profiles } }) =>
    profiles.names().map((value) => {
      const found = profiles.findValid(value);
      const description = found ? [found.provider, found.url ?? found.region] : ["broken"];
      return { value, description: description.filter(Boolean).join(", ") };
    }),
  provider: () => providers.map(({ id, title }) => ({ value: id, description: title })),
  role: ({ line, place }) => {
    const given = line.given.flatMap(({ option, value }) => (option.name === "role" ? value : []));
    // A word is a role only behind the option.
    if (!line.slot.option && given.length === 0) return [];
    return ofProvider(place, ({ roles }) =>
      roles
        .filter(({ name, replacedBy }) => replacedBy === undefined && !given.includes(name))
        .map(({ name, description }) => ({ value: name, description })),
    );
  },
  region: async ({ place }) => {
    const known = place.provider()?.supports.tokenRegions ? await place.tokens() : [];
    return [
      ...ofProvider(place, ({ regionUrls: hosts }) =>
        Object.entries(hosts).map(([value, description]) => ({ value, description })),
      ),
      ...[...new Set(known.flatMap(({ region }) => region ?? []))].map((value) => ({ value })),
    ];
  },
  method: ({ place }) =>
    (place.provider()?.logins ?? []).map(({ id, title }) => ({ value: id, description: title })),
  destination: () =>
    sinkKinds.map(({ name, form, title }) => ({
      value: form === name ? name : `${name}:`,
      description: title,
      open: form !== name,
    })),
  code: () =>
    Object.entries(exitCodes).map(([value, code]) => ({ value, description: `exit ${code}` })),
  setting: () => profileKeys.map((value) => ({ value })),
  command: ({ root, line }) => {
    const group = line.words.reduce<CommandNode | undefined>(
      (node, word) => node && findCommand(node, word),
      root,
    );
    const pages = line.words.length > 0 ? [] : root.pages;
    return [
      ...(group ? commandsOf(group, "") : []),
      ...pages.map(({ name, description }) => ({ value: name, description })),
    ];
  },
};

/**
 * What the provider has to offer; before one is chosen, what all of them have, each thing once, with
 * whose it is.
 */
function ofProvider(
  place: CompletionTarget,
  offer: (provider: Provider) => readonly Candidate[],
): readonly Candidate[] {
  const chosen = place.provider();
  if (chosen) return offer(chosen);
  const all = new Map<string, Candidate & { readonly owners: readonly string[] }>();
  for (const provider of providers)
    for (const { value, description } of offer(provider)) {
      const known = all.get(value) ?? { value, description, owners: [] };
      all.set(value, { ...known, owners: [...known.owners, provider.id] });
    }
  return [...all.values()].map(({ value, description, owners }) => ({
    value,
    description: `${owners.join(", ")}: ${description}`,
  }));
}

/** What a place for a secret goes on with behind its colon, where that is the shell's to complete. */
export function behindPlace(typed: string) {
  const kind = sinkKinds.find(({ name }) => typed.startsWith(`${name}:`));
  const head = `${kind?.name}:`;
  if (kind?.form.startsWith(`${head}PATH`)) return { kind: "files", head } as const;
  if (kind?.form.startsWith(`${head}CMD`)) return { kind: "programs", head } as const;
  return undefined;
}

/** The commands of a group; their other names only once something is typed. */
export const commandsOf = ({ commands }: CommandNode, typed: string): readonly Candidate[] =>
  commands.flatMap(({ names, description }) =>
    (typed === "" ? names.slice(0, 1) : names).map((value) => ({ value, description })),
  );

/**
 * Tokens by their names, and once something is typed also by their ids. By id alone if the name
 * does not name it for certain, or could do harm on a terminal.
 */
function toCandidates(
  tokens: readonly CachedToken[],
  { words, slot: { typed }, ended }: Line,
  now: Date,
): readonly Candidate[] {
  const count = new Map<string | null, number>();
  for (const { id, name } of tokens)
    for (const word of new Set([id, name])) count.set(word, (count.get(word) ?? 0) + 1);
  const fits = (word: string | null): word is string =>
    !!word && count.get(word) === 1 && !hasControls(word) && (ended || !word.startsWith("-"));
  return tokens
    .filter(({ id, name }) => !words.includes(id) && !(name && words.includes(name)))
    .flatMap((token) => {
      const { id, name } = token;
      const description = describe(token, now);
      const byId = {
        value: id,
        description: [name !== id && name, description].filter(Boolean).join(", "),
      };
      const ids = fits(id) ? [byId] : [];
      if (!fits(name)) return ids;
      const isTyped = typed !== "" && id !== name && id.startsWith(typed);
      return [{ value: name, description }, ...(isTyped ? ids : [])];
    });
}

const describe = ({ roles, labelSelector, resource, expiresAt }: CachedToken, now: Date): string =>
  [roles.join(", "), labelSelector ?? resource, expiresAt && timeLeft(expiresAt, now)]
    .filter(Boolean)
    .join(", ");

const units = [
  ["day", dayMs],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

/** `3 days left`, of the largest unit there is one of. */
function timeLeft(expiresAt: string, now: Date): string {
  const left = Date.parse(expiresAt) - now.getTime();
  if (left <= 0) return "expired";
  for (const [unit, milliseconds] of units) {
    const number = Math.floor(left / milliseconds);
    if (number > 0) return `${number} ${unit}${number > 1 ? "s" : ""} left`;
  }
  return "less than a minute left";
}

/** Longer ones fit no terminal. */
const longest = 200;

/** What is said of a candidate, fit for a terminal. */
export const descriptionOf = ({ description = "" }: Candidate): string =>
  escapeControls(description.slice(0, longest));
