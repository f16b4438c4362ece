import type { RecordingSink } from "./sink.ts";
import {
  callTool,
  parseToolJson,
  requireName,
  type StoreTool,
  type ToolContext,
} from "./store-tool.ts";
import {
  deliverWithRecord,
  formatRecord,
  parseRecord,
  type SeparateRecord,
} from "./token-record.ts";

const form = "gcp-secret:NAME or gcp-secret:projects/PROJECT/secrets/NAME";

const gcloud: StoreTool = {
  program: "gcloud",
  homepage: "https://cloud.google.com/sdk/docs/install",
  fixes: [
    [/gcloud auth login|active account|reauth|UNAUTHENTICATED/i, "Sign in: gcloud auth login"],
    [/\[core\/project\]|project.*required/i, "Select a project: gcloud config set project PROJECT"],
    [
      /NOT_FOUND/,
      "Create the secret first: gcloud secrets create NAME --replication-policy=automatic",
    ],
    [
      /PERMISSION_DENIED|permission/i,
      "Grant the roles Secret Manager Secret Version Adder and Secret Manager Admin (for the annotation) on the secret.",
    ],
  ],
};

/** The annotation with the record. */
const annotation = "tokctl";

/**
 * `gcp-secret:NAME`: a new version of a secret in Google Cloud Secret Manager, through gcloud. An
 * annotation of the secret records the token.
 */
export function parse(name: string): RecordingSink {
  requireName(name, /^(?:projects\/[\w:.-]+\/secrets\/)?[\w-]{1,255}$/, form);
  return {
    recordedToken: (context) => openAnnotation(context, name).read(),
    async prepare(context) {
      const record = openAnnotation(context, name);
      await record.read();
      return {
        deliver: (secret, token) =>
          deliverWithRecord(
            record,
            token,
            async () => {
              const args = ["secrets", "versions", "add", name, "--data-file=-", "--quiet"];
              await callTool(context, gcloud, args, secret.reveal());
            },
            // A request without a response may have been applied.
            { isRestorable: false },
          ),
        discard: async () => {},
      };
    },
  };
}

interface Description {
  readonly annotations?: Readonly<Record<string, string>>;
}

const openAnnotation = (context: ToolContext, name: string): SeparateRecord => ({
  async read() {
    const args = ["secrets", "describe", name, "--format=json", "--quiet"];
    const text = await callTool(context, gcloud, args);
    return parseRecord(parseToolJson<Description>(gcloud, text).annotations?.[annotation] ?? "");
  },
  async write(record) {
    // The delimiter of annotations is set to `;`, because a record can contain commas.
    const change = record
      ? `--update-annotations=^;^${annotation}=${formatRecord(record)}`
      : `--remove-annotations=${annotation}`;
    await callTool(context, gcloud, ["secrets", "update", name, change, "--quiet"]);
  },
});
