import type { LoginAnswers, LoginField, LoginMethod } from "../core/login-method.ts";
import type { Provider } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import { UsageError } from "../errors.ts";
import { type Destination, type Profile, providers, type Session } from "../session/session.ts";

/**
 * Returns the provider to sign in to: the argument, else an option or the environment, else the
 * profile's, else the one that is chosen at the terminal.
 * @throws UsageError off a terminal if nothing names one.
 */
export async function chooseProvider(
  session: Session,
  argument: string | undefined,
  known: Profile | undefined,
): Promise<Provider> {
  const named = session.signIn.namedProvider(known);
  if (argument !== undefined && URL.canParse(argument))
    throw new UsageError("The provider is missing before the address.", {
      hint: [
        "It is one of these:",
        ...providers.map(({ id }) => `  tokctl login ${id} ${new URL(argument).origin}`),
      ],
    });
  if (argument !== undefined)
    return session.signIn.findProvider(argument, "the [provider] argument");
  const id = named ?? known?.provider;
  if (id !== undefined) return session.signIn.findProvider(id, "--provider or TOKCTL_PROVIDER");
  if (!session.prompter.interactive)
    throw new UsageError("It is not said where to sign in.", {
      hint: `tokctl login PROVIDER [URL], where PROVIDER is ${providers.map(({ id }) => id).join(", ")}`,
    });
  return session.prompter.choose(
    "Where do you want to sign in?",
    providers.map((value) => ({ value, label: `${value.title} (${value.id})` })),
  );
}

/**
 * Returns the method that was named, else the one that the options fit, else the one that is chosen
 * at the terminal; and what the options answer.
 * @throws UsageError if they fit none, or several off a terminal.
 */
export async function chooseMethod(
  session: Session,
  { logins, title }: Provider,
  wanted: string | undefined,
): Promise<{ readonly method: LoginMethod; readonly given: LoginAnswers }> {
  const named = logins.find(({ id }) => id === wanted);
  if (wanted !== undefined && !named)
    throw new UsageError(`${title} has no way to sign in called "${wanted}".`, {
      hint: `--method is one of ${idsOf(logins)}.`,
      unknownWord: { word: wanted, candidates: logins.map(({ id }) => id) },
    });
  const given = await readAnswers(session, named ? [named] : logins);
  const options = Object.keys(given);
  if (named) return { method: named, given };
  const fitting = logins.filter(({ fields }) =>
    options.every((option) => fields.some((field) => field.option === option)),
  );
  if (fitting.length === 0)
    throw new UsageError(
      `The options are those of several ways to sign in: ${idsOf(
        logins.filter(({ fields }) => fields.some(({ option }) => given[option])),
      )}.`,
      { hint: "Say which one with --method." },
    );
  const complete = fitting.filter(
    ({ fields, isInteractive }) =>
      !(isInteractive && options.length === 0) &&
      fields.every(({ option, isOptional, setting }) => isOptional || setting || given[option]),
  );
  const obvious = fitting.length === 1 ? fitting[0] : options.length > 0 ? complete[0] : undefined;
  if (obvious) return { method: obvious, given };
  if (session.prompter.interactive) {
    const choices = fitting.map((method) => ({ value: { method, given }, label: method.title }));
    return session.prompter.choose(`How do you want to sign in to ${title}?`, choices);
  }
  const method = options.length > 0 ? fitting[0] : complete[0];
  if (method) return { method, given };
  throw new UsageError(`It is not said how to sign in to ${title}.`, {
    hint: logins.map(({ id, fields }) => `  --method ${id}${optionsOf(fields)}`),
  });
}

const idsOf = (logins: readonly LoginMethod[]): string => logins.map(({ id }) => id).join(", ");

const optionsOf = (fields: LoginMethod["fields"]) =>
  [":", ...fields.map(({ option, isSecret }) => `--${option} ${isSecret ? "PATH" : "VALUE"}`)]
    .slice(fields.length === 0 ? 1 : 0)
    .join(" ");

/** What the options say, one after the other, for two of them may want stdin. */
async function readAnswers(
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

/** Everything that a method needs to be told, and which of it was typed in answer to a question. */
export interface Told {
  readonly answers: LoginAnswers;
  readonly typed: readonly LoginField[];
}

/** Asks for the fields that neither the options nor the profile answer. @throws UsageError off a terminal. */
export async function askRest(
  session: Session,
  { fields }: LoginMethod,
  given: LoginAnswers,
  known: Profile | undefined,
): Promise<Told> {
  const answers: Record<string, Secret | string> = { ...given };
  const typed: LoginField[] = [];
  for (const field of fields) {
    const { option, title, isSecret, isToken, isOptional } = field;
    const kept = answers[option] ?? session.signIn.savedAnswer(field, known);
    if (kept) answers[option] = kept;
    if (kept || isOptional) continue;
    if (!session.prompter.interactive)
      throw new UsageError(`The ${title} is missing.`, {
        hint: `Pass it with --${option} ${isSecret ? "PATH (- is stdin)" : "VALUE"}.`,
      });
    answers[option] = await (isSecret
      ? isToken
        ? session.prompter.askToken(`The ${title}`)
        : session.prompter.askSecret(`The ${title}`)
      : session.prompter.ask(`The ${title}`));
    typed.push(field);
  }
  return { answers, typed };
}

/** How often somebody who answered wrongly is asked again. */
export const repetitions = 2;

/**
 * Asks for the base URL and what else the provider needs, as far as it is not known; a wrong answer
 * is asked for again. @throws UsageError off a terminal.
 */
export async function complete(
  session: Session,
  provider: Provider,
  { findsUrl = false }: LoginMethod,
  { url: given, projectRefs, allowHttp }: Pick<Destination, "url" | "projectRefs" | "allowHttp">,
): Promise<Pick<Destination, "url" | "projectRefs">> {
  const { title, regionUrls: hosts, endpoints = {}, requiredRefs: needs } = provider;
  const names = Object.keys({ ...endpoints, ...hosts });
  const missing = (what: string, flag: string) =>
    new UsageError(`The ${what} of ${title} is missing.`, { hint: `Pass ${flag}.` });
  async function askUrl(left = repetitions): Promise<URL> {
    const regions = Object.keys(hosts);
    const flags = ["--url URL", ...(regions.length > 0 ? [`--region ${regions.join("|")}`] : [])];
    if (!session.prompter.interactive) throw missing("address", flags.join(" or "));
    const parse = (text: string) => session.signIn.parseUrl(provider, text);
    const choice = names.length > 0 ? ` (a URL, or ${names.join(", ")})` : "";
    const asked = parse(await session.prompter.ask(`The address of ${title}${choice}`, parse));
    try {
      await session.signIn.checkUrl(asked, allowHttp);
      return asked;
    } catch (error) {
      if (!(error instanceof UsageError) || left === 0) throw error;
      await session.say({ text: error.message, always: true });
      return askUrl(left - 1);
    }
  }
  if (given) await session.signIn.checkUrl(given, allowHttp);
  const url = given ?? (findsUrl ? undefined : await askUrl());
  const found: Partial<Record<(typeof needs)[number], string>> = { ...projectRefs };
  for (const need of needs) {
    if (found[need] !== undefined) continue;
    if (!session.prompter.interactive) throw missing(need, `--${need}`);
    found[need] = await session.prompter.ask(`The ${need} of ${title}`);
  }
  return { url, projectRefs: found };
}
