import type { Note } from "../../core/message.ts";
import type { Profile, ProfileKey } from "../../core/profile.ts";
import { unquoteVariables } from "../../core/quoting.ts";
import type { Host } from "../../host.ts";
import type { Session } from "../../session/session.ts";

/** Variables that take precedence over a setting of the profile. */
const settingVariables: Readonly<Record<string, ProfileKey>> = {
  TOKCTL_URL: "url",
  TOKCTL_REGION: "region",
  TOKCTL_PROJECT: "project",
  TOKCTL_NAMESPACE: "namespace",
};

/** Variables that take precedence over the saved credential. */
const credentialVariables = ["TOKCTL_APP_TOKEN", "TOKCTL_USER_HEADER"] as const;

/** The name of a profile, and its settings if they can be read. */
type OverriddenProfile = Pick<Profile, "name"> & Partial<Profile>;

/**
 * Warns about the environment variables that take precedence over the current profile.
 * @param profile the current profile; a variable with the value of its setting changes nothing.
 */
export function overrideNotes(
  environment: Host["env"],
  profile: OverriddenProfile,
): readonly Note[] {
  const env = unquoteVariables(environment);
  const { TOKCTL_PROFILE: named, TOKCTL_PROVIDER: provider } = env;
  const names = [
    ...(named && named !== profile.name ? [`TOKCTL_PROFILE=${named}`] : []),
    ...(provider && !named ? [`TOKCTL_PROVIDER=${provider}`] : []),
    ...Object.entries(settingVariables).flatMap(([name, key]) =>
      env[name] && env[name] !== profile[key] ? [name] : [],
    ),
    ...credentialVariables.filter((name) => env[name]),
  ];
  if (names.length === 0) return [];
  const one = names.length === 1;
  return [
    {
      text: `warning: ${listNames(names)} ${one ? "is" : "are"} set and ${one ? "takes" : "take"} precedence over the current profile. Unset ${one ? "it" : "them"}, or pass -p ${profile.name}.`,
    },
  ];
}

/** Warns about the variables that sign in without a saved credential. */
export function signedInNotes({ host: { env }, target }: Session): readonly Note[] {
  const acceptsUser = "value" in target.provider && target.provider.value.supports.userHeader;
  const names = credentialVariables.filter(
    (name) => env[name] && (name !== "TOKCTL_USER_HEADER" || acceptsUser),
  );
  const verb = names.length === 1 ? "is" : "are";
  return names.length === 0
    ? []
    : [
        {
          text: `warning: ${listNames(names)} ${verb} still set, so commands are still signed in. To sign out, run: unset ${names.join(" ")}`,
        },
      ];
}

const listNames = (names: readonly string[]): string =>
  [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
