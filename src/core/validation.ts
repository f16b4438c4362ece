import { UsageError } from "../errors.ts";
import type { Provider } from "./provider.ts";
import type { Secret } from "./secret.ts";
import { formatSelector, parseSelector, type Selector } from "./selector.ts";

export interface ResolvedRoles {
  /** As the API spells them, each once. */
  readonly roles: readonly string[];
  /** For people: which old spellings were replaced. */
  readonly notes: readonly string[];
}

/**
 * Checks roles against what the provider knows, and spells old ones anew.
 * @throws UsageError for none where one is needed, several where one is allowed, or one unknown.
 */
export function resolveRoles(provider: Provider, given: readonly string[]): ResolvedRoles {
  const current = provider.roles.filter(({ replacedBy }) => replacedBy === undefined);
  const choices = current.map(({ name }) => name).join(", ");
  if (given.length === 0 && !provider.supports.defaultRoles)
    throw new UsageError(`A token of ${provider.title} needs a role.`, {
      hint: `Add -r with one of ${choices}.`,
      missingArgs: ["-r", current[0]?.name ?? "ROLE"],
    });
  const notes: string[] = [];
  const roles = given.map((name) => {
    const role = provider.roles.find((known) => known.name === name);
    if (name === "" || (!role && !provider.supports.customRoles))
      throw new UsageError(`${provider.title} has no role "${name}".`, {
        hint: `Its roles are ${choices}.`,
        unknownWord: {
          word: name,
          candidates: provider.roles.map(({ name }) => name),
          replacements: new Map(
            provider.roles.map(({ name, replacedBy }) => [name, replacedBy ?? name]),
          ),
        },
      });
    if (role?.replacedBy === undefined) return name;
    notes.push(`Role "${name}" is an old spelling: using ${role.replacedBy}.`);
    return role.replacedBy;
  });
  const distinct = [...new Set(roles)];
  if (distinct.length > 1 && !provider.supports.manyRoles)
    throw new UsageError(
      `A token of ${provider.title} has one role, and ${distinct.length} were given: ${distinct.join(", ")}.`,
      { hint: "Make a token for each of them." },
    );
  return { roles: distinct, notes: [...new Set(notes)] };
}

/** @throws UsageError for a name that is missing, impossible, or more than the provider's tokens have. */
export function validateName(provider: Provider, name: string | undefined): void {
  const { title, supports } = provider;
  if (supports.names && !name)
    throw new UsageError(`A token of ${title} needs a name.`, {
      hint: "Give it as the first word behind create.",
      // An empty name is there already: a second one would be one too many.
      ...(name === undefined && { missingArgs: ["NAME"] }),
    });
  if (!supports.names && name !== undefined)
    throw new UsageError(`${title} tokens have no name: leave out "${name}".`, {
      hint: "tokctl token list shows them by their ids.",
    });
  if (name) validateNameRule(provider, name);
}

/**
 * @returns the region that a new token is to be in; undefined where the address says it.
 * @throws UsageError for none where one is needed.
 */
export function requireRegion(
  { title, supports }: Provider,
  region: string | undefined,
): string | undefined {
  if (supports.tokenRegions && region === undefined)
    throw new UsageError(`A token of the ${title} needs a region.`, {
      hint: "Add --region, such as GRA or BHS, or set TOKCTL_REGION.",
    });
  return region;
}

/** @throws UsageError for a pattern that is missing or impossible, where tokens are limited by one. */
export function validateResourcePattern(
  { title, supports, resourceRule }: Provider,
  pattern: string | undefined,
): void {
  if (supports.resourcePatterns && !pattern)
    throw new UsageError(`A token of ${title} needs a resource.`, {
      hint: "Add --resource with a model's id, the beginning of one such as 'iris*', or '*'.",
    });
  if (pattern !== undefined && resourceRule && !resourceRule.pattern.test(pattern))
    throw new UsageError(`"${pattern}" is no resource of ${title}.`, { hint: resourceRule.words });
}

/**
 * Checks a label that is to be set, or without a value taken away.
 * @throws UsageError for one that the platform sets itself, or that no selector could name.
 */
export function validateLabel(
  { title, reservedLabels }: Provider,
  { name, value }: { readonly name: string; readonly value?: string | undefined },
): void {
  if (reservedLabels !== undefined && name.startsWith(reservedLabels.prefix))
    throw new UsageError(
      `The label "${name}" can't be set: ${title} sets those that start with ${reservedLabels.prefix} itself.`,
      { hint: "Choose another name. As a selector it may be used." },
    );
  if (parseSelector(formatSelector({ name, value: value ?? name }))?.name !== name)
    throw new UsageError(
      `"${value === undefined ? name : formatSelector({ name, value })}" is no label that a selector could name.`,
      {
        hint: "A label is name=value: neither is empty, holds a comma or has spaces around it, and the name has no =.",
      },
    );
}

/** @throws UsageError, which does not show it, for what can't be the secret of a token. */
export function validateSecret({ title, secretRule }: Provider, secret: Secret): void {
  if (secretRule && !secretRule.pattern.test(secret.reveal()))
    throw new UsageError(`The text is not a token of ${title}.`, { hint: secretRule.words });
}

/**
 * Checks a label that tokens or resources are to be matched with.
 * @throws UsageError for one that nothing can ever have.
 */
export function validateSelector(
  { title, reservedLabels }: Provider,
  { name, value }: Selector,
): void {
  if (!reservedLabels?.prefix || !name.startsWith(reservedLabels.prefix)) return;
  const known = [...reservedLabels.values.keys()];
  const rule = reservedLabels.values.get(name);
  if (!rule)
    throw new UsageError(`Nothing of ${title} has the label "${name}".`, {
      hint: `The labels that start with ${reservedLabels.prefix} are ${known.join(" and ")}.`,
      unknownWord: { word: name, candidates: known },
    });
  if (!rule.pattern.test(value))
    throw new UsageError(`No label "${name}" of ${title} can be "${value}".`, {
      hint: `${name} is ${rule.words}.`,
    });
}

/** @throws UsageError for what no token of the provider can be called. */
export function validateNameRule(
  { title, nameRule }: Pick<Provider, "title" | "nameRule">,
  name: string,
): void {
  if (nameRule && !nameRule.pattern.test(name))
    throw new UsageError(`"${name}" can't be the name of a token of ${title}.`, {
      hint: nameRule.words,
    });
}
