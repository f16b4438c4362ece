import { UsageError } from "../errors.ts";
import type { Provider } from "./provider.ts";
import type { Secret } from "./secret.ts";
import { formatSelector, parseSelector, type Selector } from "./token.ts";

/** Roles of a token to create. */
export interface ValidatedRoles {
  /** The current names, without duplicates. */
  readonly roles: readonly string[];
  /** A message for each deprecated name that was replaced. */
  readonly messages: readonly string[];
}

/**
 * Validates the name and the roles of a token to create.
 * @throws UsageError if both are missing, and as `validateName` and `validateRoles` do.
 */
export function validateNameAndRoles(
  provider: Provider,
  name: string | undefined,
  roles: readonly string[],
): ValidatedRoles {
  const { title, supports } = provider;
  if (supports.names && !name && roles.length === 0 && !supports.defaultRoles)
    throw new UsageError(`Missing token name and option --role (required by ${title}).`, {
      hint: [
        "Usage: tokctl token create NAME -r ROLE",
        `The roles are ${currentRoles(provider).join(", ")}.`,
      ],
    });
  validateName(provider, name);
  return validateRoles(provider, roles);
}

/** Returns the names of the roles that are not deprecated. */
const currentRoles = ({ roles }: Provider): readonly string[] =>
  roles.filter(({ replacedBy }) => replacedBy === undefined).map(({ name }) => name);

/**
 * Validates roles and replaces deprecated names.
 * @throws UsageError if a required role is missing, a role is unknown, or there is more than one and
 * the provider allows one.
 */
export function validateRoles(provider: Provider, given: readonly string[]): ValidatedRoles {
  const current = currentRoles(provider);
  const choices = current.join(", ");
  if (given.length === 0 && !provider.supports.defaultRoles)
    throw new UsageError(`Missing option --role (required by ${provider.title}).`, {
      hint: `The roles are ${choices}.`,
      missingArgs: ["-r", current[0] ?? "ROLE"],
    });
  const messages: string[] = [];
  const roles = given.map((name) => {
    const role = provider.roles.find((known) => known.name === name);
    if (!isRole(provider, name))
      throw unknownRoleError(provider, name, `${provider.title} has no role "${name}".`);
    if (role?.replacedBy === undefined) return name;
    messages.push(`Role "${name}" is deprecated: using ${role.replacedBy}.`);
    return role.replacedBy;
  });
  const distinct = [...new Set(roles)];
  if (distinct.length > 1 && !provider.supports.manyRoles)
    throw new UsageError(
      `A token of ${provider.title} has exactly one role, and ${distinct.length} were passed: ${distinct.join(", ")}.`,
      { hint: "Create a token for each role." },
    );
  return { roles: distinct, messages: [...new Set(messages)] };
}

/** @throws UsageError for a positional word after -r that is not a role. */
export function validateRoleWords(provider: Provider, words: readonly string[]): void {
  const unexpected = words.find((word) => !isRole(provider, word));
  if (unexpected !== undefined)
    throw unknownRoleError(
      provider,
      unexpected,
      `Unexpected argument "${unexpected}" (read as another role after -r).`,
    );
}

const isRole = ({ roles, supports }: Provider, name: string): boolean =>
  name !== "" && (supports.customRoles || roles.some((role) => role.name === name));

const unknownRoleError = (provider: Provider, word: string, message: string): UsageError =>
  new UsageError(message, {
    hint: `The roles are ${currentRoles(provider).join(", ")}.`,
    unknownWord: {
      word,
      candidates: provider.roles.map(({ name }) => name),
      replacements: new Map(
        provider.roles.map(({ name, replacedBy }) => [name, replacedBy ?? name]),
      ),
    },
  });

/** Validates the name of a token to create. @throws UsageError if it is missing, invalid, or not supported */
export function validateName(provider: Provider, name: string | undefined): void {
  const { title, supports } = provider;
  if (supports.names && !name)
    throw new UsageError(`Missing token name (required by ${title}).`, {
      hint: `Usage: tokctl token create NAME${supports.defaultRoles ? "" : " -r ROLE"}`,
    });
  if (!supports.names && name !== undefined)
    throw new UsageError(`Tokens of ${title} have no name: omit "${name}".`, {
      hint: "To list the tokens and their IDs: tokctl token list",
    });
  if (name) validateNameRule(provider, name);
}

/**
 * Returns the region of a token to create; undefined if the base URL determines it.
 * @throws UsageError if a required region is missing.
 */
export function requireRegion(
  { title, supports }: Provider,
  region: string | undefined,
): string | undefined {
  if (supports.tokenRegions && region === undefined)
    throw new UsageError(`A token of the ${title} requires a region.`, {
      hint: "Add --region, for example --region GRA, or set TOKCTL_REGION.",
    });
  return region;
}

/** Validates the resource pattern of a token to create. @throws UsageError if it is missing or invalid */
export function validateResourcePattern(
  { title, supports, resourceRule }: Provider,
  pattern: string | undefined,
): void {
  if (supports.resourcePatterns && !pattern)
    throw new UsageError(`A token of ${title} requires a resource pattern.`, {
      hint: "Add --resource with the ID of a model, a prefix such as 'iris*', or '*'.",
    });
  if (pattern !== undefined && resourceRule && !resourceRule.pattern.test(pattern))
    throw new UsageError(`"${pattern}" is not a valid resource pattern of ${title}.`, {
      hint: resourceRule.words,
    });
}

/**
 * Validates a label to set or, without a value, to remove.
 * @throws UsageError if the platform reserves the name, or no label selector can match the label.
 */
export function validateLabel(
  { title, reservedLabels }: Provider,
  { name, value }: { readonly name: string; readonly value?: string | undefined },
): void {
  if (reservedLabels !== undefined && name.startsWith(reservedLabels.prefix))
    throw new UsageError(
      `Cannot set the label "${name}": ${title} reserves labels that start with ${reservedLabels.prefix}.`,
      { hint: "Choose another name. A label selector may use it." },
    );
  if (parseSelector(formatSelector({ name, value: value ?? name }))?.name !== name)
    throw new UsageError(
      `"${value === undefined ? name : formatSelector({ name, value })}" is not a valid label.`,
      {
        hint: "A label is name=value. Neither may be empty, contain a comma or have spaces around it; the name may not contain =.",
      },
    );
}

/** Validates the secret of a token. @throws UsageError, without the secret, if it is invalid */
export function validateSecret({ title, secretRule }: Provider, secret: Secret): void {
  if (secretRule && !secretRule.pattern.test(secret.reveal()))
    throw new UsageError(`Invalid token format: not a token of ${title}.`, {
      hint: secretRule.words,
    });
}

/**
 * Validates a label selector.
 * @throws UsageError if it uses a reserved label that does not exist, or an invalid value of one.
 */
export function validateSelector(
  { title, reservedLabels }: Provider,
  { name, value }: Selector,
): void {
  if (!reservedLabels?.prefix || !name.startsWith(reservedLabels.prefix)) return;
  const known = [...reservedLabels.values.keys()];
  const rule = reservedLabels.values.get(name);
  if (!rule)
    throw new UsageError(`${title} has no label "${name}".`, {
      hint: `The labels that start with ${reservedLabels.prefix} are ${known.join(" and ")}.`,
      unknownWord: { word: name, candidates: known },
    });
  if (!rule.pattern.test(value))
    throw new UsageError(`"${value}" is not a valid value of the label "${name}" of ${title}.`, {
      hint: `${name} is ${rule.words}.`,
    });
}

/** Validates a name by the provider's rule. @throws UsageError if it is invalid */
export function validateNameRule(
  { title, nameRule }: Pick<Provider, "title" | "nameRule">,
  name: string,
): void {
  if (nameRule && !nameRule.pattern.test(name))
    throw new UsageError(`"${name}" is not a valid name of a token of ${title}.`, {
      hint: nameRule.words,
    });
}
