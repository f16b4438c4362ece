import { selectorForm } from "../../cli/options.ts";
import { type Expiry, parseExpiry } from "../../core/expiry.ts";
import type { Provider } from "../../core/provider.ts";
import { parseSelector, type Selector } from "../../core/selector.ts";
import {
  type ResolvedRoles,
  requireRegion,
  resolveRoles,
  validateName,
  validateResourcePattern,
  validateSelector,
} from "../../core/validation.ts";
import { UsageError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";

/** What the command line says of a new token. */
interface Given {
  readonly name: string | undefined;
  readonly roles: readonly string[];
  readonly selector: Selector | undefined;
  readonly resource: string | undefined;
  readonly expiry: Expiry | undefined;
  readonly description: string | undefined;
  /** Nothing is made: what its scope does not depend on is not asked for. */
  readonly preview: boolean;
}

/** What a token is made of, checked. */
interface Complete extends Omit<Given, "roles" | "preview">, ResolvedRoles {
  /** The region that was asked for. */
  readonly region?: string | undefined;
}

/**
 * Checks what was given for a new token. Where something is missing that it can't be made without,
 * the person at the terminal is asked for that and for all else that was left out; whose command
 * line is complete is asked nothing.
 * @throws UsageError for what is wrong, or missing where nobody can be asked.
 */
export async function completeTokenSpec(
  session: Session,
  provider: Provider,
  { preview, ...given }: Given,
): Promise<Complete> {
  const { supports } = provider;
  if (given.selector) validateSelector(provider, given.selector);
  const lacksName = supports.names && given.name === undefined;
  const lacksRole = given.roles.length === 0;
  const isComplete = !lacksName && !(lacksRole && !supports.defaultRoles);
  if (isComplete || !session.asksForMissing) {
    validateName(provider, given.name);
    return { ...given, ...resolveRoles(provider, given.roles) };
  }
  // What would keep the token from being made anyway is said before anything is asked.
  await session.tokens();
  if (!lacksName) validateName(provider, given.name);
  if (given.resource !== undefined) validateResourcePattern(provider, given.resource);
  const roles = resolveRoles(
    provider,
    lacksRole ? await chooseRoles(session, provider) : given.roles,
  );
  const name = lacksName
    ? await session.ask(
        ["What is the token to be called?", provider.nameRule?.words].filter(Boolean).join(" "),
        (text) => validateName(provider, text),
      )
    : given.name;
  const selector =
    given.selector ?? (supports.labels ? await askSelector(session, provider) : undefined);
  const resource =
    given.resource ??
    (supports.resourcePatterns ? await askResource(session, provider) : undefined);
  if (preview) return { ...given, name, selector, resource, ...roles };
  const isRegionMissing = supports.tokenRegions && session.region() === undefined;
  const region = isRegionMissing
    ? (
        await session.ask("In which region? For example GRA or BHS.", (text) =>
          requireRegion(provider, text || undefined),
        )
      ).toUpperCase()
    : undefined;
  const expiry = given.expiry ?? (supports.expiry ? await askExpiry(session) : undefined);
  const description =
    given.description ??
    (supports.descriptions
      ? (await session.ask("What is it for? Leave it empty for no description.", () => {})) ||
        undefined
      : undefined);
  return { name, selector, resource, expiry, description, region, ...roles };
}

/**
 * Old spellings are not offered. What allows the least comes first; none at all, where the provider
 * then gives all that the owner has, last.
 */
async function chooseRoles(
  session: Session,
  { roles, supports }: Provider,
): Promise<readonly string[]> {
  const choices = [
    ...roles
      .filter(({ replacedBy }) => replacedBy === undefined)
      .map(({ name, description }) => ({ value: [name], label: `${name}: ${description}` })),
    ...(supports.defaultRoles ? [{ value: [], label: "all the roles that its owner has" }] : []),
  ];
  const question = "What may it do?";
  if (!supports.manyRoles) return session.choose(question, choices);
  const chosen = await session.chooseSeveral(question, choices);
  return chosen.some(({ length }) => length === 0) ? [] : chosen.flat();
}

async function askExpiry(session: Session): Promise<Expiry | undefined> {
  const question =
    "When does it expire? A date such as 2027-01-31 or a duration such as 90d; leave it empty for the service's default.";
  return parseExpiry(
    await session.ask(question, (text) => {
      if (text !== "" && !parseExpiry(text))
        throw new UsageError("It is a date such as 2027-01-31 or a duration such as 90d.", {
          hint: [],
        });
    }),
  );
}

const askResource = (session: Session, provider: Provider): Promise<string> =>
  session.ask(
    "To which models is it limited? A model's id, the beginning of one with a *, or * for all.",
    (text) => validateResourcePattern(provider, text),
  );

async function askSelector(session: Session, provider: Provider): Promise<Selector | undefined> {
  const question =
    "To which label is it limited, as name=value? Leave it empty for none: then it opens all that its role reaches.";
  return parseSelector(
    await session.ask(question, (text) => {
      if (text === "") return;
      const selector = parseSelector(text);
      if (!selector) throw new UsageError(selectorForm, { hint: [] });
      validateSelector(provider, selector);
    }),
  );
}
