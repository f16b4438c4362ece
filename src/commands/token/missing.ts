import type { Context } from "../../context.ts";
import {
  checkName,
  checkRegion,
  checkResource,
  checkRoles,
  checkSelector,
  type Roles,
} from "../../core/check.ts";
import type { Provider } from "../../core/provider.ts";
import { parseSelector, type Selector } from "../../core/selector.ts";
import { UsageError } from "../../errors.ts";
import { selectorForm } from "../options.ts";

/** What the command line says of a new token. */
interface Given {
  readonly name: string | undefined;
  readonly roles: readonly string[];
  readonly selector: Selector | undefined;
  readonly resource: string | undefined;
}

/** What a token is made of, checked. */
interface Complete extends Omit<Given, "roles">, Roles {}

/**
 * Checks what was given for a new token. Where something is missing that it can't be made without,
 * the person at the terminal is asked for that and for all else that was left out; whose command
 * line is complete is asked nothing.
 * @throws UsageError for what is wrong, or missing where nobody can be asked.
 */
export async function completeToken(
  context: Context,
  provider: Provider,
  given: Given,
): Promise<Complete> {
  const { supports } = provider;
  if (given.selector) checkSelector(provider, given.selector);
  const lacksName = supports.names && given.name === undefined;
  const lacksRole = given.roles.length === 0;
  const isComplete = !lacksName && !(lacksRole && !supports.defaultRoles);
  if (isComplete || !context.asksForMissing) {
    checkName(provider, given.name);
    return { ...given, ...checkRoles(provider, given.roles) };
  }
  // What would keep the token from being made anyway is said before anything is asked.
  await context.tokens();
  checkRegion(provider, context.region());
  if (!lacksName) checkName(provider, given.name);
  if (given.resource !== undefined) checkResource(provider, given.resource);
  const roles = checkRoles(provider, lacksRole ? await chooseRole(context, provider) : given.roles);
  const name = lacksName
    ? await context.ask(
        ["What is the token to be called?", provider.nameRule?.words].filter(Boolean).join(" "),
        (text) => checkName(provider, text),
      )
    : given.name;
  const selector =
    given.selector ?? (supports.labels ? await askSelector(context, provider) : undefined);
  const resource =
    given.resource ??
    (supports.resourcePatterns ? await askResource(context, provider) : undefined);
  return { name, selector, resource, ...roles };
}

/** Old spellings are not offered; none at all is, where the provider then chooses. */
const chooseRole = (context: Context, { roles, supports }: Provider): Promise<readonly string[]> =>
  context.choose("What may it do?", [
    ...(supports.defaultRoles ? [{ value: [], label: "all the roles that its owner has" }] : []),
    ...roles
      .filter(({ replacedBy }) => replacedBy === undefined)
      .map(({ name, description }) => ({ value: [name], label: `${name}: ${description}` })),
  ]);

const askResource = (context: Context, provider: Provider): Promise<string> =>
  context.ask(
    "To which models is it limited? A model's id, the beginning of one with a *, or * for all.",
    (text) => checkResource(provider, text),
  );

async function askSelector(context: Context, provider: Provider): Promise<Selector | undefined> {
  const question =
    "To which label is it limited, as name=value? Leave it empty for none: then it opens all that its role reaches.";
  return parseSelector(
    await context.ask(question, (text) => {
      if (text === "") return;
      const selector = parseSelector(text);
      if (!selector) throw new UsageError(selectorForm, { hint: [] });
      checkSelector(provider, selector);
    }),
  );
}
