import { action, type Define, type Example } from "../../cli/command.ts";
import { UsageError } from "../../errors.ts";
import { parseProfileKey, parseProfileSetting } from "../../session/profile-settings.ts";
import { showProfile } from "./shared/views.ts";

export const effect = "change";

export const examples: readonly Example[] = [
  {
    line: "tokctl profile set url https://gra.ai.cloud.ovh.net -p work",
    title: "Change the base URL",
  },
  { line: "tokctl profile set caFile /etc/ssl/company.pem", title: "Trust a company CA" },
  { line: "tokctl profile set caFile ''", title: "Remove the setting" },
];

export const define: Define = (command, invocation) =>
  command
    .argument(
      "<setting>",
      "Setting: provider, url (or endpoint), region, project, namespace, userHeader, clientId, oauthUrl, allowHttp, caFile, certFile or keyFile",
    )
    .argument("<value>", 'New value; "" removes the setting')
    .action(
      action(invocation, async (session, word, value) => {
        const { profiles } = session;
        const key = parseProfileKey(word);
        const name = session.profileName();
        if (name === undefined)
          throw new UsageError("No profile is selected.", {
            hint: "Pass -p NAME. To list the profiles: tokctl profile list",
          });
        // Setting the provider creates a profile; other settings need an existing one.
        const profile = key === "provider" ? profiles.find(name) : profiles.get(name);
        const id = profile?.provider ?? value;
        const provider = session.signIn.findProvider(
          id,
          profile ? `profile "${name}"` : "the <value> argument",
        );
        if (key === "provider") session.signIn.findProvider(value, "the <value> argument");
        if (key === "provider" && value !== id)
          throw new UsageError(
            `Profile "${name}" has the provider ${id}, which cannot be changed.`,
            {
              hint: `Sign in with another profile: tokctl login ${value} -p NAME`,
            },
          );
        const saved =
          value === ""
            ? undefined
            : parseProfileSetting(provider, key, value, profile?.allowHttp === "true");
        if (key === "url" && saved !== undefined && profile?.allowHttp !== "true")
          await session.signIn.checkUrl(new URL(saved), false);
        await profiles.save(name, { [key]: saved });
        return showProfile(
          profiles.get(name),
          saved === undefined ? `no ${key}` : `${key} ${saved}`,
        );
      }),
    );
