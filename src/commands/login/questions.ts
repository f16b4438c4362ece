import type { LoginAnswers, LoginField, LoginMethod } from "../../core/login-method.ts";
import type { Profile } from "../../core/profile.ts";
import type { Provider } from "../../core/provider.ts";
import type { Secret } from "../../core/secret.ts";
import { capitalize } from "../../core/text.ts";
import { UsageError } from "../../errors.ts";
import { providers } from "../../providers/index.ts";
import type { Session } from "../../session/session.ts";
import type { SignInTarget } from "../../session/sign-in.ts";

/**
 * Returns the provider to sign in to: from the argument, `--provider` or the environment, the named
 * profile, or a question at the terminal, in this order.
 * @throws UsageError off a terminal if none is set.
 */
export async function chooseProvider(
  session: Session,
  argument: string | undefined,
  named: Profile | undefined,
): Promise<Provider> {
  if (argument !== undefined && URL.canParse(argument))
    throw new UsageError("Missing argument PROVIDER before the URL.", {
      hint: [
        "Choose one:",
        ...providers.map(({ id }) => `  tokctl login ${id} ${new URL(argument).origin}`),
      ],
    });
  const configured = session.signIn.namedProvider(named) ?? named?.provider;
  if (argument !== undefined)
    return session.signIn.findProvider(argument, "the [provider] argument");
  if (configured !== undefined)
    return session.signIn.findProvider(configured, "--provider or TOKCTL_PROVIDER");
  if (!session.prompter.interactive)
    throw new UsageError("Missing argument PROVIDER.", {
      hint: `Run: tokctl login PROVIDER [URL], with PROVIDER one of ${providers.map(({ id }) => id).join(", ")}`,
    });
  return session.prompter.choose(
    "Which provider do you want to sign in to?",
    providers.map((value) => ({ value, label: `${value.title} (${value.id})` })),
  );
}

interface ChosenMethod {
  readonly method: LoginMethod;
  /** The answers that options give. */
  readonly given: LoginAnswers;
}

/**
 * Returns the sign-in method and the answers from options. The method is the one that `--method`
 * names, the one that takes all given options, or the one chosen at the terminal.
 * @throws UsageError if no method takes all given options, or the choice is open off a terminal.
 */
export async function chooseMethod(
  session: Session,
  { logins, title }: Provider,
  methodId: string | undefined,
): Promise<ChosenMethod> {
  const named = logins.find(({ id }) => id === methodId);
  if (methodId !== undefined && !named)
    throw new UsageError(`${title} does not support the sign-in method "${methodId}".`, {
      hint: `Use one of: --method ${idsOf(logins)}`,
      unknownWord: { word: methodId, candidates: logins.map(({ id }) => id) },
    });
  const given = await readOptions(session, named ? [named] : logins);
  if (named) return { method: named, given };

  const options = Object.keys(given);
  const matching = logins.filter(({ fields }) =>
    options.every((option) => fields.some((field) => field.option === option)),
  );
  if (matching.length === 0) {
    const mixed = logins.filter(({ fields }) => fields.some(({ option }) => given[option]));
    throw new UsageError(`The options belong to several sign-in methods: ${idsOf(mixed)}.`, {
      hint: "Pass the options of one method only, or select it with --method.",
    });
  }
  const complete = matching.filter((method) => isComplete(method, given));
  const [only, ...others] = matching;
  const match = others.length === 0 ? only : options.length > 0 ? complete[0] : undefined;
  if (match) return { method: match, given };
  if (session.prompter.interactive) {
    const choices = sortByDisplay(matching, session.host).map((method) => ({
      value: { method, given },
      label: method.title,
    }));
    return session.prompter.choose(`How do you want to sign in to ${title}?`, choices);
  }
  // With options, the first match reports the option that is missing.
  const fallback = options.length > 0 ? only : complete[0];
  if (fallback) return { method: fallback, given };
  throw new UsageError(`Missing sign-in method for ${title}.`, {
    hint: ["Pass one of:", ...logins.map((method) => `  --method ${method.id}${usageOf(method)}`)],
  });
}

/** Puts the methods that open a browser on this machine last if it has no display. */
function sortByDisplay(
  logins: readonly LoginMethod[],
  { env, platform }: Session["host"],
): readonly LoginMethod[] {
  const hasDisplay =
    env["BROWSER"] ||
    (platform === "linux" ? env["DISPLAY"] || env["WAYLAND_DISPLAY"] : !env["SSH_CONNECTION"]);
  if (hasDisplay) return logins;
  return logins.toSorted(
    (a, b) => Number(a.opensBrowser ?? false) - Number(b.opensBrowser ?? false),
  );
}

/** Whether a method needs no further answers. Without options, one that needs a person never is. */
function isComplete({ fields, isInteractive }: LoginMethod, given: LoginAnswers): boolean {
  if (isInteractive && Object.keys(given).length === 0) return false;
  return fields.every(({ option, isOptional, setting }) => isOptional || setting || given[option]);
}

const idsOf = (logins: readonly LoginMethod[]): string => logins.map(({ id }) => id).join(", ");

/** Returns ` --application-key VALUE --application-secret-file PATH`. */
const usageOf = ({ fields }: LoginMethod): string =>
  fields.map(({ option, isSecret }) => ` --${option} ${isSecret ? "PATH" : "VALUE"}`).join("");

/** Reads the answers that options give, one at a time: only one of them can read stdin. */
async function readOptions(
  session: Session,
  logins: readonly LoginMethod[],
): Promise<LoginAnswers> {
  const answers: Record<string, Secret | string> = {};
  for (const field of logins.flatMap(({ fields }) => fields)) {
    const answer = answers[field.option] ?? (await session.signIn.readAnswer(field));
    if (answer) answers[field.option] = answer;
  }
  return answers;
}

/** The answers to all fields of a method, and the fields that were typed at the terminal. */
export interface CompleteAnswers {
  readonly answers: LoginAnswers;
  readonly typedFields: readonly LoginField[];
}

/**
 * Asks for the fields that options, environment and profile don't set.
 * @throws UsageError off a terminal.
 */
export async function askMissingAnswers(
  session: Session,
  { fields }: LoginMethod,
  given: LoginAnswers,
  previous: Profile | undefined,
): Promise<CompleteAnswers> {
  const answers: Record<string, Secret | string> = { ...given };
  const typedFields: LoginField[] = [];
  for (const field of fields) {
    const { option, title, isSecret, isOptional } = field;
    const known = answers[option] ?? session.signIn.savedAnswer(field, previous);
    if (known) answers[option] = known;
    if (known || isOptional) continue;
    if (!session.prompter.interactive)
      throw new UsageError(`Missing ${title}.`, {
        hint: `Pass --${option} ${isSecret ? "PATH (- for stdin)" : "VALUE"}.`,
      });
    answers[option] = await askField(session, field);
    typedFields.push(field);
  }
  return { answers, typedFields };
}

function askField(session: Session, field: LoginField): Promise<Secret | string> {
  const label = capitalize(field.title);
  return field.isSecret ? session.prompter.askSecret(label, field) : session.prompter.ask(label);
}

/** How many times a question is repeated after a wrong answer. */
export const maxRepeats = 2;

type Target = Pick<SignInTarget, "url" | "projectRefs">;

/**
 * Asks for the base URL and the required project or namespace, if not known.
 * @throws UsageError off a terminal, or after repeated wrong answers.
 */
export async function askMissingTarget(
  session: Session,
  provider: Provider,
  { findsUrl = false }: LoginMethod,
  { url: known, projectRefs, allowHttp }: Target & Pick<SignInTarget, "allowHttp">,
): Promise<Target> {
  if (known) await session.signIn.checkUrl(known, allowHttp);
  const url = known ?? (findsUrl ? undefined : await askUrl(session, provider, allowHttp));
  const refs: Partial<Record<(typeof provider.requiredRefs)[number], string>> = { ...projectRefs };
  for (const key of provider.requiredRefs) {
    if (refs[key] !== undefined) continue;
    if (!session.prompter.interactive) throw missingOption(key, provider, `--${key}`);
    refs[key] = await session.prompter.ask(`${capitalize(key)} of ${provider.title}`);
  }
  return { url, projectRefs: refs };
}

async function askUrl(session: Session, provider: Provider, allowHttp: boolean): Promise<URL> {
  const { title, regionUrls, endpoints = {} } = provider;
  if (!session.prompter.interactive) {
    const regions = Object.keys(regionUrls);
    const flags = ["--url URL", ...(regions.length > 0 ? [`--region ${regions.join("|")}`] : [])];
    throw missingOption("base URL", provider, flags.join(" or "));
  }
  const names = Object.keys({ ...endpoints, ...regionUrls });
  const choices = names.length > 0 ? ` (URL, ${names.join(", ")})` : "";
  const parse = (text: string) => session.signIn.parseUrl(provider, text);
  const sandbox = session.host.env["TOKCTL_SANDBOX_URL"];
  const standard = sandbox && `${sandbox}${provider.basePath ?? ""}`;
  for (let repeatsLeft = maxRepeats; ; repeatsLeft--) {
    const url = parse(
      await session.prompter.ask(`Base URL of ${title}${choices}`, parse, standard || undefined),
    );
    try {
      await session.signIn.checkUrl(url, allowHttp);
      return url;
    } catch (error) {
      if (!(error instanceof UsageError) || repeatsLeft === 0) throw error;
      await session.say({ text: error.message, always: true });
    }
  }
}

const missingOption = (name: string, { title }: Provider, flags: string): UsageError =>
  new UsageError(`Missing ${name} of ${title}.`, { hint: `Pass ${flags}.` });
