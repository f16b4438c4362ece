import { Option } from "@commander-js/extra-typings";
import { type Context, type Destination, loginFields, type Profile } from "../context.ts";
import type { Answers, LoginMethod } from "../core/login.ts";
import type { Connection, Provider } from "../core/provider.ts";
import type { Secret } from "../core/secret.ts";
import { UsageError } from "../errors.ts";
import { show, type View } from "../output/view.ts";
import { action, type Define, type Example } from "./command.ts";
import { globalOptions, storeOption } from "./options.ts";

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

export const examples: readonly Example[] = [
  {
    line: "tokctl login ovh-ai --region GRA --app-token-file - < token.txt",
    does: "with a token from a file",
  },
  {
    line: "tokctl login osmo https://osmo.example.com -p work --app-token-file - < token.txt",
    does: "under a name of its own",
    provider: "osmo",
  },
];

export const define: Define = (command, invocation) => {
  const built = command
    .usage("[provider] [url] [options]")
    .argument("[provider]", "the API")
    .argument("[url]", "its address")
    .addOption(new Option("--method <method>", "how; asked for at a terminal"))
    .addOption(storeOption());
  for (const option of fieldOptions()) built.addOption(option);
  return built.action(
    action(invocation, async (context, providerId, address, { method: wanted, ...options }) => {
      const { profiles, credentials } = context;
      const { namedProfile } = context;
      const store = context.chooseStore(options.store);
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
      const answers = await askRest(context, method, given, previous);
      const login = await context.signIn(
        method,
        { url: asked, whereabouts, answers },
        certificates,
      );
      const url = asked ?? login.url;
      if (!url) throw new Error(`${method.id} found no address`);
      let { credential } = login;
      const replaceCredential: Connection["replaceCredential"] = async (renew) => {
        credential = await renew(credential);
        return credential;
      };
      // Nothing is kept that was not let in once.
      const connection = { url, whereabouts, region, credential, replaceCredential };
      const tokens = await context.connect(provider, connection, certificates);
      const identity = await tokens.whoami();

      for (const path of [...profiles.setAside(name), ...(await credentials.setAside(name))])
        await context.say({
          text: `A broken file was in the way and is now ${path}.`,
          always: true,
        });
      // First the credential, which is good for its own origin only, then what points at it.
      await credentials.write(name, { credential, origin: url.origin }, store);
      await profiles.saveSignIn(name, {
        provider: provider.id,
        url: url.href.replace(/\/$/, ""),
        region,
        ...whereabouts,
        ...settingsOf(method, answers),
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
  if (argument !== undefined && URL.canParse(argument))
    throw new UsageError("The provider is missing before the address.", {
      hint: [
        "It is one of these:",
        ...context.providers.map(({ id }) => `  tokctl login ${id} ${new URL(argument).origin}`),
      ],
    });
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

/** The method that was named, else the one that the options fit, else the one that is chosen. */
async function chooseMethod(
  context: Context,
  { logins, title }: Provider,
  wanted: string | undefined,
): Promise<{ readonly method: LoginMethod; readonly given: Answers }> {
  const named = logins.find(({ id }) => id === wanted);
  if (wanted !== undefined && !named)
    throw new UsageError(`${title} has no way to sign in called "${wanted}".`, {
      hint: `--method is one of ${idsOf(logins)}.`,
      misspelt: { word: wanted, known: logins.map(({ id }) => id) },
    });
  const given = await readAnswers(context, named ? [named] : logins);
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
    ({ fields, attended }) =>
      !(attended && options.length === 0) &&
      fields.every(({ option, optional, setting }) => optional || setting || given[option]),
  );
  const obvious = fitting.length === 1 ? fitting[0] : options.length > 0 ? complete[0] : undefined;
  if (obvious) return { method: obvious, given };
  if (context.interactive) {
    const choices = fitting.map((method) => ({ value: { method, given }, label: method.title }));
    return context.choose(`How do you want to sign in to ${title}?`, choices);
  }
  const method = options.length > 0 ? fitting[0] : complete[0];
  if (method) return { method, given };
  throw new UsageError(`It is not said how to sign in to ${title}.`, {
    hint: logins.map(({ id, fields }) => `  --method ${id}${optionsOf(fields)}`),
  });
}

const idsOf = (logins: readonly LoginMethod[]): string => logins.map(({ id }) => id).join(", ");

const optionsOf = (fields: LoginMethod["fields"]) =>
  [":", ...fields.map(({ option, secret }) => `--${option} ${secret ? "PATH" : "VALUE"}`)]
    .slice(fields.length === 0 ? 1 : 0)
    .join(" ");

/** What the options say, one after the other, for two of them may want stdin. */
async function readAnswers(context: Context, logins: readonly LoginMethod[]): Promise<Answers> {
  const answers: Record<string, Secret | string> = {};
  for (const field of logins.flatMap(({ fields }) => fields)) {
    const answer = answers[field.option] ?? (await context.answer(field));
    if (answer) answers[field.option] = answer;
  }
  return answers;
}

async function askRest(
  context: Context,
  { fields }: LoginMethod,
  given: Answers,
  known: Profile | undefined,
): Promise<Answers> {
  const answers: Record<string, Secret | string> = { ...given };
  for (const field of fields) {
    const { option, title, secret, token, optional } = field;
    const kept = answers[option] ?? context.keptAnswer(field, known);
    if (kept) answers[option] = kept;
    if (kept || optional) continue;
    if (!context.interactive)
      throw new UsageError(`The ${title} is missing.`, {
        hint: `Pass it with --${option} ${secret ? "PATH (- is stdin)" : "VALUE"}.`,
      });
    answers[option] = await (secret
      ? token
        ? context.askToken(`The ${title}`)
        : context.askSecret(`The ${title}`)
      : context.ask(`The ${title}`));
  }
  return answers;
}

/** What the profile keeps of the answers, for the next time. */
const settingsOf = ({ fields }: LoginMethod, answers: Answers) =>
  Object.fromEntries(
    fields.flatMap(({ setting, option }) =>
      setting && answers[option] ? [[setting, answers[option]]] : [],
    ),
  );

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
    return context.ask(`The ${what} of ${title}`);
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
