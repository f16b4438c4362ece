import type { Profile } from "../../context.ts";
import { type Result, show, type View } from "../../output/view.ts";

/** A profile, and what was done with it. */
export function showProfile(profile: Profile | { readonly name: string }, done: string): Result {
  const line = () => `profile ${profile.name}: ${done}`;
  const view: View<unknown> = {
    text: { kind: "lines", line },
    description: { kind: "lines", line },
  };
  return show(profile, view);
}
