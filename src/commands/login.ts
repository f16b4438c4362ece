import { Option } from "@commander-js/extra-typings";
import { type Context, type Destination, loginFields, type Profile } from "../context.ts";
import type { LoginMethod, LoginRequest, Provider } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import { UsageError } from "../errors.ts";
import { show, type View } from "../output/view.ts";
import { action, type Define } from "./command.ts";
import { globalOptions } from "./options.ts";

interface SignedIn {
  readonly profile: string;
  readonly provider: string;
  readonly url: string;
  readonly name: string | null;
  readonly kind: string;
}

const line = ({ profile, url, name }: SignedIn) =>
  `signed in to ${url}${name === null ? "" : ` as ${name}`}, profile ${profile}`;

const signedInView: View<SignedIn> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
  essence: ({ profile }) => profile,
};

export const define: Define = (command, invocation) => {
  const built = command
    .usage("[provider] [url] [options]")
    .argument("[provider]", "the API")
    .argument("[url]", "its address")
    .addOption(new Option("--method <method>", "how; asked for at a terminal"));
  for (const option of fieldOptions()) built.addOption(option);
  return built.action(
    action(invocation, async (context, providerId, address, { method: wanted }) => {
      const { profiles, credentials } = context;
      const { namedProfile } = context;
      // A broken one says nothing, and is moved aside once there is a new one.
      const known = namedProfile === undefined ? undefined : profiles.findSane(namedProfile);
      const provider = await chooseProvider(context, providerId, known);
      const name = namedProfile ?? provider.id;
      const previous = known ?? profiles.findSane(name);
      if (previous && previous.provider !== provider.id)
        throw new UsageError(
          `The profile "${name}" is of ${previous.provider}, not ${provider.id}.`,
          {
            hint: `Choose another name with -p, or run: tokctl profile remove ${name}`,
          },
        );
      const destination = context.destination(provider, address, previous);
      const { region, certificates } = destination;
      const { method, given } = await chooseMethod(context, provider, wanted);
      const { url: asked, whereabouts } = await complete(context, provider, method, destination);
      const answers = await askRest(context, method, given);
      const login = await context.signIn(method, { url: asked, answers }, certificates);
      const url = asked ?? login.url;
      if (!url) throw new Error(`${method.id} found no address`);
      const { credential } = login;
      // Nothing is kept that was not let in once.
      const connection = { url, whereabouts, region, credential };
      const tokens = await context.connect(provider, connection, certificates);
      const identity = await tokens.whoami();

      for (const path of [...profiles.setAside(name), ...(await credentials.setAside(name))])
        await context.say({
          text: `A broken file was in the way and is now ${path}.`,
          always: true,
        });
      // First the credential, which is good for its own origin only, then what points at it.
      await credentials.write(name, { credential, origin: url.origin });
      await profiles.save(name, {
        provider: provider.id,
        url: url.href.replace(/\/$/, ""),
        region,
        ...whereabouts,
        ...Object.fromEntries(Object.entries(certificates).map(([key, { value }]) => [key, value])),
      });
      await profiles.use(name);
      return show(
        {
          profile: name,
          provider: provider.id,
          url: identity.url,
          name: identity.name,
          kind: identity.kind,
        },
        signedInView,
        {
          notes:
            login.found === undefined ? [] : [{ text: `The keys are those of ${login.found}.` }],
        },
      );
    }),
  );
};

/** An option for each thing that can be asked for, unless every command has it anyway. */
function fieldOptions(): readonly Option[] {
  const taken = new Set(globalOptions().map(({ long }) => long));
  const fields = loginFields.filter(({ option }) => {
    const fresh = !taken.has(`--${option}`);
    taken.add(`--${option}`);
    return fresh;
  });
  return fields.map(({ option, title, secret }) =>
    secret
      ? new Option(`--${option} <path>`, `a file that holds the ${title}; - is stdin`)
      : new Option(`--${option} <value>`, `the ${title}`),
  );
}

async function chooseProvider(
  context: Context,
  argument: string | undefined,
  known: Profile | undefined,
): Promise<Provider> {
  const named = context.namedProvider;
  if (argument !== undefined) return context.providerOf(argument, "The first word");
  const id = named ?? known?.provider;
  if (id !== undefined) return context.providerOf(id, "--provider or TOKCTL_PROVIDER");
  if (!context.interactive)
    throw new UsageError("It is not said where to sign in.", {
      hint: `tokctl login PROVIDER [URL], where PROVIDER is ${context.providers.map(({ id }) => id).join(", ")}`,
    });
  return context.choose(
    "Where do you want to sign in?",
    context.providers.map((value) => ({ value, label: `${value.title} (${value.id})` })),
  );
}

type Answers = LoginRequest["answers"];

/** The method that was named, else the one whose options were given, else the one that is chosen. */
async function chooseMethod(
  context: Context,
  { logins, title }: Provider,
  wanted: string | undefined,
): Promise<{ readonly method: LoginMethod; readonly given: Answers }> {
  const ids = logins.map(({ id }) => id).join(", ");
  const named = logins.find(({ id }) => id === wanted);
  if (wanted !== undefined && !named)
    throw new UsageError(`${title} has no way to sign in called "${wanted}".`, {
      hint: `--method is one of ${ids}.`,
    });
  const answered = await Promise.all(
    (named ? [named] : logins).map(async (method) => ({
      method,
      given: await readAnswers(context, method),
    })),
  );
  const begun = answered.filter(({ given }) => named || Object.keys(given).length > 0);
  if (begun.length > 1)
    throw new UsageError(
      `The options are those of several ways to sign in: ${begun.map(({ method }) => method.id).join(", ")}.`,
      { hint: "Say which one with --method." },
    );
  const only = begun[0] ?? (answered.length === 1 ? answered[0] : undefined);
  if (only) return only;
  if (context.interactive) {
    const choices = answered.map((value) => ({ value, label: value.method.title }));
    return context.choose(`How do you want to sign in to ${title}?`, choices);
  }
  const silent = answered.find(({ method }) => method.fields.length === 0);
  if (silent) return silent;
  throw new UsageError(`It is not said how to sign in to ${title}.`, {
    hint: logins.map(({ id, fields }) => `  --method ${id}: ${optionsOf(fields)}`),
  });
}

const optionsOf = (fields: LoginMethod["fields"]) =>
  fields.map(({ option, secret }) => `--${option} ${secret ? "PATH" : "VALUE"}`).join(" ");

/** One after the other, for two of them may want stdin. */
async function readAnswers(context: Context, { fields }: LoginMethod): Promise<Answers> {
  const answers: Record<string, Secret> = {};
  for (const field of fields) {
    const answer = await context.answer(field);
    if (answer) answers[field.option] = answer;
  }
  return answers;
}

async function askRest(
  context: Context,
  { fields }: LoginMethod,
  given: Answers,
): Promise<Answers> {
  const answers: Record<string, Secret> = { ...given };
  for (const { option, title, secret } of fields) {
    if (answers[option]) continue;
    if (!context.interactive)
      throw new UsageError(`The ${title} is missing.`, {
        hint: `Pass it with --${option} ${secret ? "PATH (- is stdin)" : "VALUE"}.`,
      });
    answers[option] = await context.ask(`The ${title}`, { secret });
  }
  return answers;
}

/** Asks for what is not known yet of the place; off a terminal it must be given. */
async function complete(
  context: Context,
  provider: Provider,
  { findsUrl = false }: LoginMethod,
  { url: given, whereabouts }: Destination,
): Promise<Pick<Destination, "url" | "whereabouts">> {
  const { title, hosts, needs } = provider;
  const ask = async (what: string, flag: string): Promise<string> => {
    if (!context.interactive)
      throw new UsageError(`The ${what} of ${title} is missing.`, { hint: `Pass ${flag}.` });
    return (await context.ask(`The ${what} of ${title}`)).reveal();
  };
  const regions = Object.keys(hosts);
  const url =
    given ??
    (findsUrl
      ? undefined
      : context.parseUrl(
          provider,
          await ask(
            "address",
            ["--url URL", ...(regions.length > 0 ? [`--region ${regions.join("|")}`] : [])].join(
              " or ",
            ),
          ),
        ));
  const found: Partial<Record<(typeof needs)[number], string>> = { ...whereabouts };
  for (const need of needs) found[need] ??= await ask(need, `--${need}`);
  return { url, whereabouts: found };
}
