import { UsageError } from "../errors.ts";
import type { RecordingSink } from "./sink.ts";
import {
  callTool,
  findWithTool,
  parseToolJson,
  type StoreTool,
  type ToolContext,
} from "./store-tool.ts";
import { formatShortRecord, parseRecord } from "./token-record.ts";

const form = "azure-secret:VAULT/NAME";

const az: StoreTool = {
  program: "az",
  homepage: "https://learn.microsoft.com/cli/azure/install-azure-cli",
  fixes: [
    [/az login|AADSTS|No subscription|re-authenticate/i, "Sign in: az login"],
    [
      /Forbidden|does not have secrets|not authorized/i,
      "Assign the role Key Vault Secrets Officer for the vault, or the permissions list and set.",
    ],
    [/resolve|Failed to establish|connection/i, "Check the name of the vault: az keyvault list"],
    [/ObjectIsDeletedButRecoverable/i, "Recover or purge the deleted secret."],
  ],
};

interface Version {
  readonly attributes: { readonly created: string; readonly enabled: boolean };
  readonly tags: Readonly<Record<string, string>> | null;
}

/** The tag with the record. */
const recordTag = "tokctl";

/**
 * `azure-secret:VAULT/NAME`: a secret in Azure Key Vault, through az. A tag of the new version, written
 * in the same request, records the token.
 */
export function parse(argument: string): RecordingSink {
  const [, vault, name] =
    /^([a-z][a-z0-9-]{1,22}[a-z0-9])\/([a-z0-9-]{1,127})$/i.exec(argument) ?? [];
  if (!vault || !name)
    throw new UsageError("it is not the name of a vault and of a secret.", {
      hint: `The syntax is ${form}.`,
    });
  const secretOptions = ["--vault-name", vault, "--name", name];
  const options = [...secretOptions, "--only-show-errors", "--output"];
  const currentTags = async (context: ToolContext) => {
    const args = ["keyvault", "secret", "list-versions", ...options, "json"];
    const text = await findWithTool(context, az, /SecretNotFound/, args);
    return text ? tagsOfLatest(parseToolJson<readonly Version[]>(az, text)) : {};
  };
  return {
    recordedToken: async (context) => parseRecord((await currentTags(context))[recordTag] ?? ""),
    async prepare(context) {
      await currentTags(context);
      return {
        async deliver(secret, record) {
          // A new version has only the tags that are passed.
          const tags = {
            ...(await currentTags(context)),
            [recordTag]: formatShortRecord(record, 256),
          };
          const pairs = Object.entries(tags).map(([tag, value]) => `${tag}=${value}`);
          // `@-` is stdin.
          const args = ["keyvault", "secret", "set", ...options, "none", "--value", "@-"];
          await callTool(context, az, [...args, "--tags", ...pairs], secret.reveal());
        },
        discard: async () => {},
      };
    },
  };
}

/** Returns the tags of the version that is in use: the latest that is enabled. */
function tagsOfLatest(versions: readonly Version[]): Readonly<Record<string, string>> {
  const [latest] = versions
    .filter(({ attributes }) => attributes.enabled)
    .sort((a, b) => Date.parse(b.attributes.created) - Date.parse(a.attributes.created));
  return latest?.tags ?? {};
}
