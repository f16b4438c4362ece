import { action, type Define, type Example } from "../../cli/command.ts";
import { storeOption, yesOption } from "../../cli/options.ts";
import { type Credential, resolveStorageKind } from "../../core/credential.ts";
import type { PlatformLogin } from "../../core/login-method.ts";
import type { Provider } from "../../core/provider.ts";
import { withoutTrailingSlash } from "../../core/url.ts";
import { UsageError } from "../../errors.ts";
import { show, type View } from "../../output/view.ts";
import { providers } from "../../providers/index.ts";
import type { Session } from "../../session/session.ts";

/** A sign-in of another tool, found in a file. */
interface Found extends PlatformLogin {
  readonly provider: Provider;
  readonly path: string;
}

interface Imported {
  readonly profile: string;
  readonly provider: string;
  readonly url: string;
  readonly from: string;
}

const credentialNames: Readonly<Record<Credential["kind"], string>> = {
  token: "token",
  user: "user",
  application: "application key and consumer key",
  oauth: "OAuth 2.0 sign-in",
};

const line = ({ profile, from }: Imported) => `imported profile ${profile} from ${from}`;

const importedView: View<Imported> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
  quietValue: ({ profile }) => profile,
};

export const effect = "change";

export const examples: readonly Example[] = [
  { line: "tokctl profile import ~/.ovh.conf -y", title: "Import one file without a prompt" },
];

export const seeAlso = ["login"];

export const define: Define = (command, invocation) =>
  command
    .argument(
      "[path]",
      "Path of an ovh.conf, or of the login.yaml of osmo (default: all known locations)",
    )
    .addOption(storeOption())
    .addOption(yesOption())
    .action(
      action(invocation, async (session, file, { yes = false, ...options }) => {
        const { profiles, credentials } = session;
        const { namedProfile } = session.target;
        const store = resolveStorageKind(options.store, session.host.env);
        const all = file === undefined ? await findAll(session) : await readAll(session, file);
        if (namedProfile !== undefined && all.length > 1)
          throw new UsageError(`-p sets one profile name, but ${all.length} sign-ins were found.`, {
            hint: "Omit -p, or pass the path of a file with one sign-in.",
          });
        const found = all.map((each) => ({ ...each, name: namedProfile ?? each.name }));
        const known = profiles.names();
        const taken = found.find(({ name }) => known.includes(name) || credentials.has(name));
        if (taken)
          throw new UsageError(`Profile "${taken.name}" already exists.`, {
            hint: `Remove it, or import under another name: tokctl profile import ${taken.path} -p NAME`,
          });
        await profiles.requireWritable();
        const unencrypted = new Set<string>();
        for (const { name, url } of found)
          if (await session.signIn.checkUrl(url)) unencrypted.add(name);
        for (const { name, provider, url, credential, path } of found)
          await session.say({
            text: `${path}: profile "${name}" (${provider.id} at ${url.origin}) with ${credentialNames[credential.kind]}.`,
            always: true,
          });
        const { obstacle } = session.prompter;
        if (!yes && obstacle !== undefined)
          throw new UsageError(`Confirmation is required to import profiles, and ${obstacle}.`, {
            hint: "Add -y to import these profiles without confirmation.",
          });
        if (!yes)
          await session.prompter.confirm(
            `Import ${found.length === 1 ? "this profile" : `these ${found.length} profiles`}?`,
          );
        for (const { name, provider, url, credential } of found) {
          // The profile is saved first: a credential without a profile would not be listed.
          const settings = {
            provider: provider.id,
            url: withoutTrailingSlash(url),
            allowHttp: unencrypted.has(name) ? "true" : undefined,
          };
          await profiles.saveSignIn(name, settings, undefined, false);
          await credentials.write(name, { credential, origin: url.origin }, store);
        }
        if (found[0] && profiles.current() === undefined) await profiles.setCurrent(found[0].name);
        const data = found.map(({ name, provider, url, path }) => ({
          profile: name,
          provider: provider.id,
          url: withoutTrailingSlash(url),
          from: path,
        }));
        return show(data, importedView, {
          notes: found.flatMap(({ name, provider: { requiredRefs } }) =>
            requiredRefs.map((need) => ({
              text: `Profile "${name}" requires a ${need}. Run: tokctl profile set ${need} ID -p ${name}`,
            })),
          ),
        });
      }),
    );

/** Returns the sign-ins in a file of any supported tool. @throws UsageError if there are none. */
async function readAll(session: Session, path: string): Promise<readonly Found[]> {
  const text = await session.signIn.readFile(path);
  if (text === undefined)
    throw new UsageError(`File not found: ${path}`, {
      hint: "Check the path, or omit it to search the default locations.",
    });
  const found: Found[] = [];
  for (const provider of providers)
    for (const login of (await provider.platformLoginFile?.parse(text)) ?? [])
      found.push({ ...login, provider, path });
  if (found.length === 0)
    throw new UsageError(`${path} contains no supported sign-in.`, {
      hint: "Supported files: ovh.conf with application keys, and login.yaml of osmo.",
    });
  return found;
}

/** Returns the sign-ins in the first existing file of each tool. @throws UsageError if there are none. */
async function findAll(session: Session): Promise<readonly Found[]> {
  const found: Found[] = [];
  const searched: string[] = [];
  for (const provider of providers) {
    const { platformLoginFile } = provider;
    for (const path of platformLoginFile?.paths(session.host.env) ?? []) {
      searched.push(path);
      const text = await session.signIn.readFile(path);
      if (text === undefined) continue;
      const logins = (await platformLoginFile?.parse(text)) ?? [];
      found.push(...logins.map((login) => ({ ...login, provider, path })));
      break;
    }
  }
  if (found.length === 0)
    throw new UsageError("No credentials of ovh or osmo tools found.", {
      hint: `Searched: ${searched.join(", ")}`,
    });
  return found;
}
