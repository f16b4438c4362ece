import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../cli/command.ts";
import { globalOptions, storeOption } from "../cli/options.ts";
import type { Connection } from "../core/connection.ts";
import type { LoginAnswers, LoginMethod } from "../core/login-method.ts";
import { fetchIdentity } from "../core/lookup.ts";
import type { Provider } from "../core/provider.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { withoutTrailingSlash } from "../core/url.ts";
import { CliError, InterruptedError } from "../errors.ts";
import { type Note, show, type View } from "../output/view.ts";
import {
  type Destination,
  loginFields,
  type Profile,
  resolveStorageKind,
  type Session,
} from "../session/session.ts";
import {
  askRest,
  chooseMethod,
  chooseProvider,
  complete,
  repetitions,
  type Told,
} from "./login-questions.ts";
import { createReplacement } from "./login-replacement.ts";

interface SignedIn {
  readonly profile: string;
  readonly provider: string;
  readonly url: string;
  readonly name: string | null;
  readonly kind: string;
  /** The profile that commands use from now on. */
  readonly current: string;
  /** Null where that can't be told. */
  readonly canListTokens: boolean | null;
}

const line = ({ profile, url, name }: SignedIn) =>
  `signed in to ${url}${name === null ? "" : ` as ${name}`}, profile ${profile} (now current)`;

const signedInView: View<SignedIn> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
  quietValue: ({ profile }) => profile,
};

export const examples: readonly Example[] = [
  {
    line: "tokctl login ovh-ai --region GRA --app-token-file - < token.txt",
    title: "Sign in with a token from a file",
  },
  {
    line: "tokctl login osmo https://osmo.example.com -p lab --app-token-file - < token.txt",
    title: "Choose the name of the profile",
    provider: "osmo",
  },
];

export const seeAlso = ["help providers", "profile list", "logout"];

export const define: Define = (command, invocation) => {
  const built = command
    .usage("[provider] [url] [options]")
    .argument("[provider]", "Provider, for example ovh-ai")
    .argument("[url]", "Base URL, region or endpoint name")
    .addOption(new Option("--method <method>", "Sign-in method (default: prompt)"))
    .addOption(storeOption())
    .addOption(
      new Option("--replace", "Replace an existing profile and its credential without a prompt"),
    );
  for (const option of fieldOptions()) built.addOption(option);
  return built.action(
    action(invocation, async (session, providerId, address, { method: wanted, ...options }) => {
      const { profiles, credentials } = session;
      const { namedProfile } = session.target;
      const { replace = false } = options;
      const store = resolveStorageKind(options.store, session.host.env);
      // A broken one says nothing, and is moved aside once there is a new one.
      const known = namedProfile === undefined ? undefined : profiles.findValid(namedProfile);
      const provider = await chooseProvider(session, providerId, known);
      const name = namedProfile ?? provider.id;
      await profiles.requireWritable();
      const existing = known ?? profiles.findValid(name);
      // One of another provider says nothing of this one.
      const previous = existing?.provider === provider.id ? existing : undefined;
      const destination = session.signIn.resolveDestination(provider, address, previous);
      const { region, certificates, allowHttp } = destination;
      const replacement = createReplacement(session, name, existing, replace);
      await replacement.allowDestination(provider, destination);
      const { method, given } = await chooseMethod(session, provider, wanted);
      const signedIn = await signIn(session, { provider, method, destination, given, previous });
      const { url, projectRefs, answers, credential, identity, found } = signedIn;
      await replacement.allowDestination(provider, { url, region, projectRefs });
      await replacement.allowAccount(identity, credential);

      for (const path of [
        ...profiles.moveAsideIfBroken(name),
        ...(await credentials.moveAsideIfBroken(name)),
      ])
        await session.say({
          text: `A broken file was in the way and is now ${path}.`,
          always: true,
        });
      await keep(session, name, existing, previous, {
        settings: {
          provider: provider.id,
          url: withoutTrailingSlash(url),
          allowHttp: allowHttp ? "true" : undefined,
          region,
          ...projectRefs,
          ...settingsOf(method, answers),
          ...Object.fromEntries(
            Object.entries(certificates).map(([key, { value }]) => [key, value]),
          ),
        },
        as: identity.name === null ? undefined : { name: identity.name, project: identity.project },
        stored: { credential, origin: url.origin },
        store,
      });
      const data: SignedIn = {
        profile: name,
        provider: provider.id,
        url: identity.url,
        name: identity.name,
        kind: identity.kind,
        current: name,
        canListTokens: signedIn.canListTokens,
      };
      return show(data, signedInView, {
        notes: [
          ...(found === undefined ? [] : [{ text: `The keys are those of ${found}.` }]),
          ...notesOn(data, identity.roles),
          ...overridesOf(session.host.env, name),
        ],
      });
    }),
  );
};

/** What is kept of a sign-in. */
interface Kept {
  readonly settings: Parameters<Session["profiles"]["saveSignIn"]>[1];
  readonly as: Parameters<Session["profiles"]["saveSignIn"]>[2];
  readonly stored: Parameters<Session["credentials"]["write"]>[1];
  readonly store: Parameters<Session["credentials"]["write"]>[2];
}

/** Keeps a sign-in: the profile first, so that no credential is left that no profile shows. */
async function keep(
  { profiles, credentials }: Session,
  name: string,
  existing: Profile | undefined,
  previous: Profile | undefined,
  { settings, as, stored, store }: Kept,
): Promise<void> {
  await profiles.saveSignIn(name, settings, as, previous === undefined);
  try {
    await credentials.write(name, stored, store);
  } catch (error) {
    if (!existing) profiles.remove(name);
    throw error;
  }
  await profiles.setCurrent(name);
}

/** What there is to sign in with. */
interface Beginning {
  readonly provider: Provider;
  readonly method: LoginMethod;
  readonly destination: Destination;
  readonly given: LoginAnswers;
  readonly previous: Profile | undefined;
}

/** Signs in and tries the credential. What was typed and is refused is asked for again. */
async function signIn(
  session: Session,
  { provider, method, destination, given, previous }: Beginning,
) {
  const { region, allowHttp } = destination;
  let [place, told]: [Pick<Destination, "url" | "projectRefs">, Told | undefined] = [
    destination,
    undefined,
  ];
  for (let left = repetitions; ; left--) {
    place = await complete(session, provider, method, { ...place, allowHttp });
    told ??= await askRest(session, method, given, previous);
    try {
      const { projectRefs } = place;
      const { answers } = told;
      const login = await session.signIn.run(method, { ...place, answers }, destination);
      const url = place.url ?? login.url;
      if (!url) throw new Error(`${method.id} found no address`);
      let { credential } = login;
      const replaceCredential: Connection["replaceCredential"] = async (renew) => {
        credential = await renew(credential);
        return credential;
      };
      // Nothing is kept that was not let in once.
      const connection = { url, projectRefs, region, credential, replaceCredential };
      const tokens = await session.signIn.connect(provider, connection, destination);
      const identity = await fetchIdentity(tokens);
      const canListTokens = await tryToList(tokens);
      return { url, projectRefs, answers, credential, identity, canListTokens, found: login.found };
    } catch (error) {
      if (!(error instanceof CliError) || !session.prompter.interactive || left === 0) throw error;
      const wrongUrl = !destination.url && place.url && wrongUrlCodes.includes(error.code);
      const wrongAnswer = told.typed.length > 0 && error.code === "unauthenticated";
      if (!wrongUrl && !wrongAnswer) throw error;
      await session.say({ text: error.message, always: true });
      if (wrongUrl) place = { ...place, url: undefined };
      else told = undefined;
    }
  }
}

/** How a wrong base URL fails. */
const wrongUrlCodes: readonly string[] = ["network", "not_found", "server_error"];

/** Whether the credential may list tokens; null where that can't be told. */
async function tryToList(tokens: TokenProvider): Promise<boolean | null> {
  try {
    await (tokens.tryList?.() ?? tokens.list());
    return true;
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return error.code === "forbidden" ? false : null;
  }
}

function notesOn({ canListTokens }: SignedIn, roles: readonly string[]): readonly Note[] {
  if (canListTokens !== false) return [];
  const having = roles.length === 0 ? "" : ` (${roles.join(", ")})`;
  return [
    {
      text: `This credential${having} can't list tokens (403 Forbidden), so token commands will fail. Sign in with one that may manage tokens.`,
      always: true,
    },
  ];
}

/** Variables that commands follow in place of the profile that is current now. */
function overridesOf(env: Session["host"]["env"], name: string): readonly Note[] {
  const { TOKCTL_PROFILE: profile, TOKCTL_PROVIDER: provider } = env;
  const variable =
    profile && profile !== name
      ? `TOKCTL_PROFILE=${profile}`
      : !profile && provider
        ? `TOKCTL_PROVIDER=${provider}`
        : undefined;
  if (variable === undefined) return [];
  return [
    {
      text: `${variable} is set and takes precedence over the current profile. Unset it, or pass -p ${name}.`,
    },
  ];
}

/** An option for each thing that can be asked for, unless every command has it anyway. */
function fieldOptions(): readonly Option[] {
  const taken = new Set(globalOptions().map(({ long }) => long));
  const fields = loginFields.filter(({ option }) => {
    const fresh = !taken.has(`--${option}`);
    taken.add(`--${option}`);
    return fresh;
  });
  return fields.map(({ option, title, isSecret }) =>
    isSecret
      ? new Option(`--${option} <path>`, `File with the ${title}; - for stdin`)
      : new Option(`--${option} <value>`, `${capitalize(title)}`),
  );
}

const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** What the profile keeps of the answers, for the next time. */
const settingsOf = ({ fields }: LoginMethod, answers: LoginAnswers) =>
  Object.fromEntries(
    fields.flatMap(({ setting, option }) =>
      setting && answers[option] ? [[setting, answers[option]]] : [],
    ),
  );
