import { action, command, type Invocation } from "../command.ts";
import { showProfile } from "./view.ts";

export const useProfileCommand = (invocation: Invocation) =>
  command("use", "Make a profile the current one")
    .argument("<name>", "the profile")
    .action(
      action(invocation, async ({ profiles }, name) => {
        const profile = profiles.get(name);
        await profiles.use(name);
        return showProfile(profile, "now current");
      }),
    );
