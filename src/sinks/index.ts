import type { RecordingSink, SecretSink } from "./sink.ts";

/** A kind of destination: its description, and a function that loads its code. */
export type SinkKind = SinkDescription &
  (
    | { readonly canRecord: true; readonly load: LoadParser<RecordingSink> }
    | {
        /** Whether the destination records the ID of the token beside the secret. */
        readonly canRecord: false;
        /** Loads the parser of the text after the colon, which throws UsageError. */
        readonly load: LoadParser<SecretSink>;
      }
  );

type LoadParser<Sink> = () => Promise<{ readonly parse: (argument: string) => Sink }>;

interface SinkDescription {
  /** The text before the colon. */
  readonly name: string;
  /** The syntax, for help and errors. */
  readonly form: string;
  /** A description for help. */
  readonly title: string;
  /** Whether `--force` lets the destination replace a file. */
  readonly acceptsForce?: boolean;
}

/** All kinds of destinations. */
export const sinkKinds: readonly SinkKind[] = [
  {
    name: "file",
    form: "file:PATH",
    title: "a new file that only you can read",
    acceptsForce: true,
    canRecord: true,
    load: () => import("./file.ts"),
  },
  {
    name: "env-file",
    form: "env-file:PATH#KEY",
    title: "a variable in a .env file; the other lines stay unchanged",
    canRecord: true,
    load: () => import("./env-file.ts"),
  },
  {
    name: "github-env",
    form: "github-env:NAME",
    title: "an environment variable for later steps of a GitHub Actions job, masked",
    canRecord: false,
    load: async () => ({ parse: (await import("./github.ts")).parseGithubEnv }),
  },
  {
    name: "github-output",
    form: "github-output:NAME",
    title: "an output of this step of a GitHub Actions job, masked",
    canRecord: false,
    load: async () => ({ parse: (await import("./github.ts")).parseGithubOutput }),
  },
  {
    name: "gitlab-dotenv",
    form: "gitlab-dotenv:PATH#KEY",
    title: "a variable in a dotenv report for later GitLab CI jobs",
    canRecord: false,
    load: () => import("./gitlab-dotenv.ts"),
  },
  {
    name: "k8s-secret",
    form: "k8s-secret:[NAMESPACE/]NAME#KEY",
    title: "a key of a Kubernetes secret (kubectl)",
    acceptsForce: true,
    canRecord: true,
    load: () => import("./k8s-secret.ts"),
  },
  {
    name: "vault",
    form: "vault:MOUNT/PATH#KEY",
    title: "a key of a secret in Vault or OpenBao, KV version 2 (vault, bao)",
    canRecord: true,
    load: () => import("./vault.ts"),
  },
  {
    name: "github-secret",
    form: "github-secret:OWNER/REPO#NAME",
    title: "a GitHub Actions secret of a repository (gh)",
    canRecord: true,
    load: () => import("./github-secret.ts"),
  },
  {
    name: "gitlab-variable",
    form: "gitlab-variable:PROJECT#NAME",
    title: "a CI/CD variable of a GitLab project, masked (glab)",
    canRecord: true,
    load: () => import("./gitlab-variable.ts"),
  },
  {
    name: "aws-secret",
    form: "aws-secret:ID[#KEY]",
    title: "a secret in AWS Secrets Manager, or a key of it (aws)",
    canRecord: true,
    load: () => import("./aws-secret.ts"),
  },
  {
    name: "gcp-secret",
    form: "gcp-secret:NAME",
    title: "a secret in Google Cloud Secret Manager (gcloud)",
    canRecord: true,
    load: () => import("./gcp-secret.ts"),
  },
  {
    name: "azure-secret",
    form: "azure-secret:VAULT/NAME",
    title: "a secret in Azure Key Vault (az)",
    canRecord: true,
    load: () => import("./azure-secret.ts"),
  },
  {
    name: "azure-pipelines",
    form: "azure-pipelines:NAME",
    title: "a secret variable for later steps of an Azure Pipelines job",
    canRecord: false,
    load: () => import("./azure-pipelines.ts"),
  },
  {
    name: "clipboard",
    form: "clipboard",
    title: "the clipboard of your desktop",
    canRecord: false,
    load: () => import("./clipboard.ts"),
  },
  {
    name: "command",
    form: "command:CMD",
    title: "stdin of a shell command, which must exit with 0",
    canRecord: false,
    load: () => import("./command.ts"),
  },
];

/** Splits a destination into its kind and the text after the colon. */
export function splitDestination(destination: string): {
  readonly kind: SinkKind | undefined;
  readonly argument: string;
} {
  const [, name, argument = ""] = /^([^:]*):?(.*)$/s.exec(destination) ?? [];
  return { kind: sinkKinds.find((each) => each.name === name), argument };
}
