import { action, type Define, type Example } from "../cli/command.ts";
import { fetchIdentity, type Identity } from "../core/identity.ts";
import { show, type View } from "../output/view.ts";
import type { Session } from "../session/session.ts";
import { unwrap } from "../session/target/target.ts";
import { expiryFields } from "./shared/expiry-fields.ts";

/** An identity, and where its credential comes from. */
interface CredentialInUse extends Identity {
  /** The profile in use, even if the credential has another source; null without one. */
  readonly profile: string | null;
  readonly credentialSource: "flag" | "environment" | "profile";
  /** The option, environment variable or profile; null for the variables of OVHcloud's tools. */
  readonly credentialName: string | null;
}

const block: View<CredentialInUse>["text"] = {
  kind: "blocks",
  fields: [
    { key: "Profile", value: ({ profile }) => profile },
    { key: "Credential", value: describeSource },
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

const identityView: View<CredentialInUse> = {
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
      show(
        { ...(await fetchIdentity(await session.tokens())), ...findSource(session) },
        identityView,
      ),
    ),
  );

function findSource({
  target,
}: Session): Pick<CredentialInUse, "profile" | "credentialSource" | "credentialName"> {
  const { source, name } = unwrap(target.credential);
  return {
    profile: unwrap(target.profile)?.value.name ?? null,
    credentialSource: source,
    credentialName: name || null,
  };
}

/** Returns `--app-token`, `TOKCTL_APP_TOKEN` or `saved in profile "ci"`. */
function describeSource({ credentialSource, credentialName }: CredentialInUse): string {
  if (credentialSource === "profile") return `saved in profile "${credentialName}"`;
  return credentialName ?? "environment variables of OVHcloud's tools";
}
