import { action, type Define, type Example } from "../cli/command.ts";
import { fetchIdentity, type Identity } from "../core/token-provider.ts";
import { show, type View } from "../output/view.ts";
import { expiryFields } from "./shared/expiry-fields.ts";

const block: View<Identity>["text"] = {
  kind: "blocks",
  fields: [
    { key: "Provider", value: ({ provider }) => provider },
    { key: "URL", value: ({ url }) => url },
    { key: "Name", value: ({ name }) => name },
    { key: "Kind", value: ({ kind }) => kind },
    { key: "Role", value: ({ roles }) => roles.join(", ") },
    { key: "Project", value: ({ project }) => project },
    { key: "Pools", value: ({ pools }) => pools.join(", ") },
    { key: "Default pool", value: ({ defaultPool }) => defaultPool },
    { key: "Token", value: ({ tokenName }) => tokenName },
    ...expiryFields<Identity>(),
  ],
};

const identityView: View<Identity> = {
  text: block,
  description: block,
  quietValue: ({ name }) => name ?? "",
};

export const examples: readonly Example[] = [
  { line: "tokctl whoami", title: "Check the credential and show its permissions" },
  { line: "tokctl whoami -o json", title: "Show the same as JSON" },
];

export const seeAlso = ["profile show", "token check"];

export const define: Define = (command, invocation) =>
  command.action(
    action(invocation, async (session) =>
      show(await fetchIdentity(await session.tokens()), identityView),
    ),
  );
