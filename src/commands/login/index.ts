import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../cli/command.ts";
import { globalOptions, storeOption } from "../../cli/options.ts";
import { resolveStorageKind } from "../../core/credential.ts";
import type { LoginAnswers, LoginMethod } from "../../core/login-method.ts";
import type { Note } from "../../core/message.ts";
import type { Profile } from "../../core/profile.ts";
import { capitalize } from "../../core/text.ts";
import { withoutTrailingSlash } from "../../core/url.ts";
import { show, type View } from "../../output/view.ts";
import { loginFields, providers } from "../../providers/index.ts";
import type { Session } from "../../session/session.ts";
import type { SignInTarget } from "../../session/sign-in.ts";
import { overrideNotes } from "../shared/override-notes.ts";
import { chooseMethod, chooseProvider } from "./questions.ts";
import { createReplacementGuard } from "./replacement.ts";
import { type SignedIn, signInAndVerify } from "./sign-in.ts";

interface LoginSummary {
  readonly profile: string;
  readonly provider: string;
  readonly url: string;
  readonly name: string | null;
  readonly kind: string;
  /** The current profile, which is the new one. */
  readonly current: string;
  /** Null if the request failed for another reason than 403. */
  readonly canListTokens: boolean | null;
}

const line = ({ profile, url, name }: LoginSummary) =>
  `signed in to ${url}${name === null ? "" : ` as ${name}`}, profile ${profile} (now current)`;

const signedInView: View<LoginSummary> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
  quietValue: ({ profile }) => profile,
};

export const effect = "change";

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
    .addOption(
      new Option(
        "--method <method>",
        "Sign-in method of the provider, see tokctl help providers (default: prompt)",
      ),
    )
    .addOption(storeOption())
    .addOption(
      new Option("--replace", "Replace an existing profile and its credential without a prompt"),
    );
  for (const option of fieldOptions()) built.addOption(option);
  return built.action(
    action(invocation, async (session, providerId, urlArgument, options) => {
      const { profiles } = session;
      const { namedProfile } = session.target;
      const store = resolveStorageKind(options.store, session.host.env);
      // A broken profile is ignored here, and moved aside before the new one is saved.
      const named = namedProfile === undefined ? undefined : profiles.findValid(namedProfile);
      const provider = await chooseProvider(session, providerId, named);
      const name = namedProfile ?? provider.id;
      await profiles.requireWritable();
      const existing = named ?? profiles.findValid(name);
      // The settings of another provider's profile don't apply.
      const previous = existing?.provider === provider.id ? existing : undefined;
      const resolved = session.signIn.resolveSignInTarget(provider, urlArgument, previous);
      const { region, allowHttp } = resolved;
      const guard = createReplacementGuard(session, name, existing, options.replace ?? false);
      await guard.allowTarget(provider, resolved);

      const { method, given } = await chooseMethod(session, provider, options.method);
      const request = { provider, method, resolved, given, previous };
      const signedIn = await signInAndVerify(session, request);
      const { url, projectRefs, identity, foundIn } = signedIn;
      await guard.allowTarget(provider, { url, region, projectRefs });
      await guard.allowAccount(identity, signedIn.credential);

      await moveBrokenFilesAside(session, name);
      await saveProfile(session, name, existing, {
        settings: {
          provider: provider.id,
          url: withoutTrailingSlash(url),
          allowHttp: allowHttp ? "true" : undefined,
          region,
          ...projectRefs,
          ...settingsFrom(method, signedIn.answers),
          ...pathsOf(resolved.certificates),
        },
        signedIn,
        store,
      });
      const summary: LoginSummary = {
        profile: name,
        provider: provider.id,
        url: identity.url,
        name: identity.name,
        kind: identity.kind,
        current: name,
        canListTokens: signedIn.canListTokens,
      };
      return show(summary, signedInView, {
        notes: [
          ...(foundIn === undefined ? [] : [{ text: `Application keys read from: ${foundIn}` }]),
          ...permissionNotes(signedIn),
          ...overrideNotes(session.host.env, profiles.findValid(name) ?? { name }),
        ],
      });
    }),
  );
};

/** Renames broken files of a profile, and reports their new names. */
async function moveBrokenFilesAside(
  { profiles, credentials, say }: Session,
  name: string,
): Promise<void> {
  const profileFiles = profiles.moveAsideIfBroken(name);
  const credentialFiles = await credentials.moveAsideIfBroken(name);
  for (const path of [...profileFiles, ...credentialFiles])
    await say({ text: `A broken file was renamed to ${path}.`, always: true });
}

interface NewProfile {
  readonly settings: Parameters<Session["profiles"]["saveSignIn"]>[1];
  readonly signedIn: SignedIn;
  readonly store: Parameters<Session["credentials"]["write"]>[2];
}

/** Saves the profile and its credential, and makes the profile current. */
async function saveProfile(
  { profiles, credentials }: Session,
  name: string,
  existing: Profile | undefined,
  { settings, signedIn: { url, identity, credential }, store }: NewProfile,
): Promise<void> {
  const account =
    identity.name === null ? undefined : { name: identity.name, project: identity.project };
  const startsEmpty = existing?.provider !== settings.provider;
  // The profile is saved first: a credential without a profile would not be listed.
  await profiles.saveSignIn(name, settings, account, startsEmpty);
  try {
    await credentials.write(name, { credential, origin: url.origin }, store);
  } catch (error) {
    if (!existing) profiles.remove(name);
    throw error;
  }
  await profiles.setCurrent(name);
}

/** The answers that the profile saves as settings. */
const settingsFrom = ({ fields }: LoginMethod, answers: LoginAnswers) =>
  Object.fromEntries(
    fields.flatMap(({ setting, option }) =>
      setting && answers[option] ? [[setting, answers[option]]] : [],
    ),
  );

const pathsOf = (certificates: SignInTarget["certificates"]) =>
  Object.fromEntries(Object.entries(certificates).map(([key, { value }]) => [key, value]));

/** Warns if the credential can't list tokens. */
function permissionNotes({ canListTokens, identity: { roles } }: SignedIn): readonly Note[] {
  if (canListTokens !== false) return [];
  const listed = roles.length === 0 ? "" : ` (${roles.join(", ")})`;
  return [
    {
      text: `warning: This credential${listed} cannot list tokens (403 Forbidden), so token commands will fail. Sign in with a credential that can manage tokens.`,
      always: true,
    },
  ];
}

/** One option for each field of all sign-in methods that is not a global option. */
function fieldOptions(): readonly Option[] {
  const taken = new Set(globalOptions().map(({ long }) => long));
  const fields = loginFields.filter(({ option }) => {
    const isNew = !taken.has(`--${option}`);
    taken.add(`--${option}`);
    return isNew;
  });
  return fields.map(({ option, title, isSecret }) => {
    const users = providers.filter(({ logins }) =>
      logins.some((login) => login.fields.some((field) => field.option === option)),
    );
    const ids = `[${users.map(({ id }) => id).join(", ")}]`;
    return isSecret
      ? new Option(`--${option} <path>`, `File with the ${title}; - for stdin ${ids}`)
      : new Option(`--${option} <value>`, `${capitalize(title)} ${ids}`);
  });
}
