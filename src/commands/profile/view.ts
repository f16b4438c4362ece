import { type Result, show, type View } from "../../output/view.ts";
import { type Profile, profileKeys } from "../../session/session.ts";

/** A profile with each of its settings, and what was done with it. */
export function showProfile(profile: Profile, done: string): Result {
  const settings = profileKeys.map((key) => [key, profile[key] ?? null] as const);
  return showDone({ name: profile.name, ...Object.fromEntries(settings) }, done);
}

/** What was done with a profile that may be there no more. */
export function showDone(data: { readonly name: string }, done: string): Result {
  const line = () => `profile ${data.name}: ${done}`;
  const view: View<unknown> = {
    text: { kind: "lines", line },
    description: { kind: "lines", line },
  };
  return show(data, view);
}
