import { Option } from "@commander-js/extra-typings";
import {
  ProviderOption,
  parseSelectorOption,
  repeatable,
  selectorForm,
} from "../../../cli/options.ts";
import type { Provider } from "../../../core/provider.ts";
import { type Expiry, parseExpiry } from "../../../core/time.ts";
import { parseSelector, type Selector } from "../../../core/token.ts";
import {
  requireRegion,
  type ValidatedRoles,
  validateName,
  validateNameAndRoles,
  validateResourcePattern,
  validateRoles,
  validateSelector,
} from "../../../core/validation.ts";
import { UsageError } from "../../../errors.ts";
import type { Session } from "../../../session/session.ts";
import { unwrap } from "../../../session/target/target.ts";

/** `--role` of a new token. */
export const roleOption = (description: string) =>
  new Option("-r, --role <role>", description).argParser(repeatable);

/** `--label-selector` of a new token. */
export const selectorOption = () =>
  new ProviderOption(
    "labels",
    "-l, --label-selector <name=value>",
    "Limit access to resources with this label",
  ).argParser(parseSelectorOption);

/** `--description` of a new token. */
export const descriptionOption = () =>
  new ProviderOption("descriptions", "-d, --description <text>", "Description");

/** `--resource` of a new token. */
export const resourceOption = () =>
  new ProviderOption(
    "resourcePatterns",
    "--resource <pattern>",
    "Limit access to resources with a matching name, for example iris*",
  );

/** The properties of a new token on the command line. */
interface PartialTokenSpec {
  readonly name: string | undefined;
  readonly roles: readonly string[];
  readonly selector: Selector | undefined;
  readonly resource: string | undefined;
  readonly expiry: Expiry | undefined;
  readonly description: string | undefined;
}

/** The properties of a new token, checked and complete. */
interface CompleteTokenSpec extends Omit<PartialTokenSpec, "roles">, ValidatedRoles {
  readonly region?: string | undefined;
}

/**
 * Checks the properties of a new token. At a terminal, if a required one is missing, prompts for
 * all that are not set.
 * @param isPreview whether no token is created; then prompts only for properties that affect the
 * scope.
 * @throws UsageError for an invalid property, or for a missing one in a non-interactive run.
 */
export async function completeTokenSpec(
  session: Session,
  provider: Provider,
  given: PartialTokenSpec,
  isPreview: boolean,
): Promise<CompleteTokenSpec> {
  const { supports } = provider;
  if (given.selector) validateSelector(provider, given.selector);
  const isNameMissing = supports.names && given.name === undefined;
  const isRoleMissing = given.roles.length === 0 && !supports.defaultRoles;
  if ((!isNameMissing && !isRoleMissing) || !session.prompter.asksForMissing)
    return { ...given, ...validateNameAndRoles(provider, given.name, given.roles) };
  // Errors of the target, the credential and the given properties come before the first question.
  await session.tokens();
  if (!isNameMissing) validateName(provider, given.name);
  if (given.resource !== undefined) validateResourcePattern(provider, given.resource);
  const questions = createQuestions(session, provider);
  const scope = {
    ...validateRoles(provider, given.roles.length > 0 ? given.roles : await questions.roles()),
    name: isNameMissing ? await questions.name() : given.name,
    selector: given.selector ?? (supports.labels ? await questions.selector() : undefined),
    resource:
      given.resource ?? (supports.resourcePatterns ? await questions.resource() : undefined),
  };
  if (isPreview) return { ...given, ...scope };
  const isRegionMissing = supports.tokenRegions && unwrap(session.target.tokenRegion) === undefined;
  return {
    ...scope,
    region: isRegionMissing ? await questions.region() : undefined,
    expiry: given.expiry ?? (supports.expiry ? await questions.expiry() : undefined),
    description:
      given.description ?? (supports.descriptions ? await questions.description() : undefined),
  };
}

/** One question for each property of a token. */
const createQuestions = (session: Session, provider: Provider) => ({
  name: () =>
    session.prompter.ask(
      ["Name of the token?", provider.nameRule?.words].filter(Boolean).join(" "),
      (text) => {
        if (text === "") throw new UsageError("Enter a name.", { hint: [] });
        validateName(provider, text);
      },
    ),

  /** Lists the current roles, the one with the fewest permissions first. All roles come last. */
  async roles(): Promise<readonly string[]> {
    const { roles, supports } = provider;
    const choices = [
      ...roles
        .filter(({ replacedBy }) => replacedBy === undefined)
        .map(({ name, description }) => ({ value: [name], label: `${name}: ${description}` })),
      ...(supports.defaultRoles ? [{ value: [], label: "all roles of its owner" }] : []),
    ];
    if (!supports.manyRoles) return session.prompter.choose("Role of the token?", choices);
    const chosen = await session.prompter.chooseSeveral("Roles of the token?", choices);
    const isAll = chosen.some(({ length }) => length === 0);
    return isAll ? [] : chosen.flat();
  },

  async selector(): Promise<Selector | undefined> {
    const answer = await session.prompter.ask(
      "Label selector, as name=value? Leave empty for access to all resources of the role.",
      (text) => {
        if (text === "") return;
        const selector = parseSelector(text);
        if (!selector) throw new UsageError(selectorForm, { hint: [] });
        validateSelector(provider, selector);
      },
    );
    return parseSelector(answer);
  },

  resource: () =>
    session.prompter.ask(
      "Models that the token can access? Enter a model ID, the beginning of one with *, or * for all.",
      (text) => validateResourcePattern(provider, text),
    ),

  async region(): Promise<string> {
    const answer = await session.prompter.ask("Region, for example GRA or BHS?", (text) =>
      requireRegion(provider, text || undefined),
    );
    return answer.toUpperCase();
  },

  async expiry(): Promise<Expiry | undefined> {
    const answer = await session.prompter.ask(
      "Expiry? Enter a date such as 2027-01-31 or a duration such as 90d. Leave empty for the default.",
      (text) => {
        if (text !== "" && !parseExpiry(text))
          throw new UsageError("Enter a date such as 2027-01-31 or a duration such as 90d.", {
            hint: [],
          });
      },
    );
    return parseExpiry(answer);
  },

  async description(): Promise<string | undefined> {
    const answer = await session.prompter.ask("Description? Leave empty for none.", () => {});
    return answer || undefined;
  },
});
