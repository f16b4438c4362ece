import type { Note } from "../../../core/message.ts";
import { type Profile, profileKeys } from "../../../core/profile.ts";
import { type Result, show, type View } from "../../../output/view.ts";

/** Returns a result with a profile, all its settings, and a line about the change. */
export function showProfile(profile: Profile, done: string, notes: readonly Note[] = []): Result {
  const settings = profileKeys.map((key) => [key, profile[key] ?? null] as const);
  return showDone({ name: profile.name, ...Object.fromEntries(settings) }, done, notes);
}

/** Returns a result with a line about the change of a profile, which may be a removed one. */
export function showDone(
  data: { readonly name: string },
  done: string,
  notes: readonly Note[] = [],
): Result {
  const line = () => `profile ${data.name}: ${done}`;
  const view: View<unknown> = {
    text: { kind: "lines", line },
    description: { kind: "lines", line },
  };
  return show(data, view, { notes });
}
