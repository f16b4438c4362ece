import { profileKeys } from "../core/profile.ts";
import type { Provider } from "../core/provider.ts";
import { resourceKinds } from "../core/resource.ts";
import { namesOf } from "../core/soft-expiry.ts";
import { dayMs } from "../core/time.ts";
import { parseSelector } from "../core/token.ts";
import { exitCodes } from "../errors.ts";
import { escapeControls, hasControls } from "../output/escape.ts";
import { providers } from "../providers/index.ts";
import type { CachedToken } from "../session/token-cache.ts";
import { sinkKinds } from "../sinks/index.ts";
import type { CompletionTarget } from "./completion-target.ts";
import { findCommand, type Line } from "./line.ts";
import type { CommandNode, CommandTree } from "./tree.ts";

/** A word to insert, and its description. */
export interface Candidate {
  readonly value: string;
  readonly description?: string | undefined;
  /** Insert no space after the value, because the word continues. */
  readonly noSpace?: boolean;
}

/** The input of a completion. */
export interface CompletionRequest {
  readonly root: CommandTree;
  readonly line: Line;
  readonly target: CompletionTarget;
  readonly now: Date;
}

type Source = (asked: CompletionRequest) => Promise<readonly Candidate[]> | readonly Candidate[];

const providerCandidates = providers.map(({ id, title }) => ({ value: id, description: title }));

/**
 * Returns the candidates for the placeholders of options and arguments, such as `<token>` and
 * `[provider]`. The shell itself completes paths and programs.
 */
export const sources: Readonly<Record<string, Source>> = {
  token: async ({ line, target, now }) => toCandidates(await target.tokens(), line, now),
  profile: ({ line: { options, slot }, target: { profiles } }) => {
    // A command with --all-profiles also takes several names: -p a,b.
    const isList = options.some(({ name }) => name === "allProfiles");
    const typed = isList ? slot.typed.split(",").slice(0, -1) : [];
    return profiles
      .names()
      .filter((name) => !typed.includes(name))
      .map((name) => {
        const found = profiles.findValid(name);
        const description = found ? [found.provider, found.url ?? found.region] : ["broken"];
        const value = [...typed, name].join(",");
        return { value, description: description.filter(Boolean).join(", ") };
      });
  },
  provider: () => providerCandidates,
  providers: () => providerCandidates,
  role: ({ line, target }) => {
    const given = line.given.flatMap(({ option, value }) => (option.name === "role" ? value : []));
    // An argument is a role only after --role.
    if (!line.slot.option && given.length === 0) return [];
    return ofProvider(target, ({ roles }) =>
      roles
        .filter(({ name, replacedBy }) => replacedBy === undefined && !given.includes(name))
        .map(({ name, description }) => ({ value: name, description })),
    );
  },
  region: async ({ target }) => {
    const known = target.provider()?.supports.tokenRegions ? await target.tokens() : [];
    return [
      ...ofProvider(target, ({ regionUrls }) =>
        Object.entries(regionUrls).map(([value, description]) => ({ value, description })),
      ),
      ...[...new Set(known.flatMap(({ region }) => region ?? []))].map((value) => ({ value })),
    ];
  },
  "name=value": async ({ line, target }) =>
    labelCandidates(line.slot, target.provider(), await target.tokens()),
  method: ({ target }) =>
    (target.provider()?.logins ?? []).map(({ id, title }) => ({ value: id, description: title })),
  destination: () =>
    sinkKinds.map(({ name, form, title }) => ({
      value: form === name ? name : `${name}:`,
      description: title,
      noSpace: form !== name,
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
 * Returns the candidates of the selected provider. Without one, returns those of all providers,
 * without duplicates and with the IDs of their providers.
 */
function ofProvider(
  target: CompletionTarget,
  offer: (provider: Provider) => readonly Candidate[],
): readonly Candidate[] {
  const chosen = target.provider();
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

/**
 * Returns the names of labels, and after the `=` the values of that label: those of the label selectors
 * of cached tokens, and those of the platform. Only the platform can set its labels, so an option that
 * sets labels, which is repeatable, does not offer them.
 */
function labelCandidates(
  { typed, option }: Line["slot"],
  provider: Provider | undefined,
  tokens: readonly CachedToken[],
): readonly Candidate[] {
  const { prefix = "", values: rules = [] } = provider?.reservedLabels ?? {};
  const reserved = [...rules].flatMap(([name, { pattern, words }]) => [
    { name, value: "", words },
    ...resourceKinds.filter((kind) => pattern.test(kind)).map((value) => ({ name, value, words })),
  ]);
  const known = tokens.flatMap(({ labelSelector }) => {
    const label = parseSelector(labelSelector ?? "");
    return label && !hasControls(label.value) ? [{ ...label, words: undefined }] : [];
  });
  const labels = [...known, ...reserved].filter(
    ({ name }) => !option?.repeats || prefix === "" || !name.startsWith(prefix),
  );
  const isValue = typed.includes("=");
  const offered = labels.flatMap(({ name, value, words }): readonly Candidate[] => {
    if (!isValue) return [{ value: `${name}=`, description: words, noSpace: true }];
    return value !== "" && typed.startsWith(`${name}=`) ? [{ value: `${name}=${value}` }] : [];
  });
  return [...new Map(offered.map((each) => [each.value, each])).values()];
}

/** Returns what the shell completes after the colon of a destination: a path or a program. */
export function behindColon(typed: string) {
  const kind = sinkKinds.find(({ name }) => typed.startsWith(`${name}:`));
  const head = `${kind?.name}:`;
  if (kind?.form.startsWith(`${head}PATH`)) return { kind: "files", head } as const;
  if (kind?.form.startsWith(`${head}CMD`)) return { kind: "programs", head } as const;
  return undefined;
}

/** Returns the subcommands of a command, and also their aliases if the typed word is not empty. */
export const commandsOf = ({ commands }: CommandNode, typed: string): readonly Candidate[] =>
  commands.flatMap(({ names, description }) =>
    (typed === "" ? names.slice(0, 1) : names).map((value) => ({ value, description })),
  );

/**
 * Returns the names of tokens, without the date of a soft expiry, and also longer names and IDs that start
 * with the typed word. If the names of a token are ambiguous or contain control characters, returns
 * only its ID.
 */
function toCandidates(
  tokens: readonly CachedToken[],
  { words, slot: { typed }, ended }: Line,
  now: Date,
): readonly Candidate[] {
  const count = new Map<string, number>();
  const wordsOf = (token: CachedToken) => new Set([token.id, ...namesOf(token)]);
  for (const token of tokens)
    for (const word of wordsOf(token)) count.set(word, (count.get(word) ?? 0) + 1);
  const fits = (word: string): boolean =>
    word !== "" && count.get(word) === 1 && !hasControls(word) && (ended || !word.startsWith("-"));
  return tokens
    .filter((token) => !words.some((word) => wordsOf(token).has(word)))
    .flatMap((token) => {
      const { id, name } = token;
      const description = describe(token, now);
      const described = [name !== id && name, description].filter(Boolean).join(", ");
      const [first, ...longer] = namesOf(token).filter(fits).toReversed();
      const ids = fits(id) && id !== first ? [{ value: id, description: described }] : [];
      if (first === undefined) return ids;
      const isTyped = ({ value }: Candidate) => typed !== "" && value.startsWith(typed);
      const others = [...longer.map((value) => ({ value, description })), ...ids];
      return [{ value: first, description }, ...others.filter(isTyped)];
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

/** Formats the time left in the largest unit: `3 days left`. */
function timeLeft(expiresAt: string, now: Date): string {
  const left = Date.parse(expiresAt) - now.getTime();
  if (left <= 0) return "expired";
  for (const [unit, milliseconds] of units) {
    const number = Math.floor(left / milliseconds);
    if (number > 0) return `${number} ${unit}${number > 1 ? "s" : ""} left`;
  }
  return "less than a minute left";
}

/** Maximum number of characters of a description. */
const maxDescription = 200;

/** Returns the description of a candidate, with control characters escaped. */
export const descriptionOf = ({ description = "" }: Candidate): string =>
  escapeControls(description.slice(0, maxDescription));
