import { action, type Define, type Example } from "../../cli/command.ts";
import { overrideNotes } from "../shared/override-notes.ts";
import { showProfile } from "./shared/views.ts";

export const effect = "change";

export const examples: readonly Example[] = [
  { line: "tokctl profile use work", title: "Use this profile for all commands" },
];

export const define: Define = (command, invocation) =>
  command.argument("<profile>", "Name of the profile").action(
    action(invocation, async ({ profiles, host: { env } }, name) => {
      const profile = profiles.get(name);
      await profiles.setCurrent(name);
      return showProfile(profile, "now current", overrideNotes(env, profile));
    }),
  );
