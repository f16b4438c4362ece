import { action, type Define, type Example } from "../../cli/command.ts";
import { storeOption, yesOption } from "../../cli/options.ts";
import type { Credential } from "../../core/credential.ts";
import type { PlatformLogin } from "../../core/login-method.ts";
import type { Provider } from "../../core/provider.ts";
import { withoutTrailingSlash } from "../../core/url.ts";
import { UsageError } from "../../errors.ts";
import { show, type View } from "../../output/view.ts";
import { providers, resolveStorageKind, type Session } from "../../session/session.ts";

/** A profile to be made of what another tool keeps. */
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

const words: Readonly<Record<Credential["kind"], string>> = {
  token: "token",
  user: "user",
  application: "application and consumer key",
  oauth: "sign-in by OAuth 2.0",
};

const line = ({ profile, from }: Imported) => `made profile ${profile} of ${from}`;

const importedView: View<Imported> = {
  text: { kind: "lines", line },
  description: { kind: "lines", line },
  quietValue: ({ profile }) => profile,
};

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
          throw new UsageError(`-p gives one name, but there are ${all.length} sign-ins.`, {
            hint: "Leave it out, or name a file that holds one.",
          });
        const found = all.map((each) => ({ ...each, name: namedProfile ?? each.name }));
        const known = profiles.names();
        const taken = found.find(({ name }) => known.includes(name) || credentials.has(name));
        if (taken)
          throw new UsageError(`There is a profile "${taken.name}" already.`, {
            hint: `Remove it, or give another name with -p: tokctl profile import ${taken.path} -p NAME`,
          });
        await profiles.requireWritable();
        const unencrypted = new Set<string>();
        for (const { name, url } of found)
          if (await session.signIn.checkUrl(url)) unencrypted.add(name);
        for (const { name, provider, url, credential, path } of found)
          await session.say({
            text: `${path}: profile "${name}" of ${provider.id} at ${url.origin}, with its ${words[credential.kind]}.`,
            always: true,
          });
        if (!yes && !session.prompter.interactive)
          throw new UsageError("Nothing was made, for nobody can be asked.", {
            hint: "-y makes these profiles.",
          });
        if (!yes) await session.prompter.confirm("Make these profiles?");
        for (const { name, provider, url, credential } of found) {
          // The profile first, so that no credential is left that no profile shows.
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
          notes: found.flatMap(({ name, provider: { requiredRefs: needs } }) =>
            needs.map((need) => ({
              text: `It needs a ${need} yet: tokctl profile set ${need} ID -p ${name}`,
            })),
          ),
        });
      }),
    );

/** What a file holds, whichever tool's it is. */
async function readAll(session: Session, path: string): Promise<readonly Found[]> {
  const text = await session.signIn.readFile(path);
  if (text === undefined)
    throw new UsageError(`There is no file ${path}.`, {
      hint: "Name one that is there, or leave it out to look where the tools keep theirs.",
    });
  const found: Found[] = [];
  for (const provider of providers)
    for (const login of (await provider.platformLoginFile?.parse(text)) ?? [])
      found.push({ ...login, provider, path });
  if (found.length === 0)
    throw new UsageError(`${path} holds no sign-in that is known here.`, {
      hint: "It is an ovh.conf with keys in it, or the login.yaml of osmo.",
    });
  return found;
}

/** The first file of each tool. */
async function findAll(session: Session): Promise<readonly Found[]> {
  const found: Found[] = [];
  const looked: string[] = [];
  for (const provider of providers) {
    const { platformLoginFile } = provider;
    for (const path of platformLoginFile?.paths(session.host.env) ?? []) {
      looked.push(path);
      const text = await session.signIn.readFile(path);
      if (text === undefined) continue;
      const logins = (await platformLoginFile?.parse(text)) ?? [];
      found.push(...logins.map((login) => ({ ...login, provider, path })));
      break;
    }
  }
  if (found.length === 0)
    throw new UsageError("There is nothing to import.", {
      hint: `Looked for ${looked.join(", ")}.`,
    });
  return found;
}
