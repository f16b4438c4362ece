import { action, type Define, type Example } from "../../cli/command.ts";
import { show, type View } from "../../output/view.ts";
import type { SettingRow } from "../../session/profile-settings.ts";

const settingsView: View<SettingRow> = {
  text: {
    kind: "table",
    columns: [
      { key: "SETTING", value: ({ key }) => key, kind: "id" },
      { key: "VALUE", value: ({ value }) => value },
      { key: "SOURCE", value: ({ source }) => source },
    ],
  },
  description: {
    kind: "blocks",
    fields: [
      { key: "Setting", value: ({ key }) => key },
      { key: "Value", value: ({ value }) => value },
      { key: "From", value: ({ source }) => source },
    ],
  },
  quietValue: ({ value }) => value ?? "",
};

export const examples: readonly Example[] = [
  { line: "tokctl profile show", title: "Show the settings in effect" },
  { line: "tokctl profile show -p work", title: "Show the settings with another profile" },
];

export const seeAlso = ["help environment", "doctor"];

export const define: Define = (command, invocation) =>
  command.action(
    action(invocation, async (session) => {
      const settings = await session.describeSettings();
      return show(settings, settingsView, {
        items: settings.filter(({ value }) => value !== null),
      });
    }),
  );
