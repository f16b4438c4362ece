import type { SecretSink } from "./sink.ts";

/** A kind of place that a secret can be sent to: plain data, and its code on demand. */
export interface SinkKind {
  /** What stands before the colon. */
  readonly name: string;
  /** How a place of this kind is written. */
  readonly form: string;
  /** What becomes of the secret there, for people. */
  readonly title: string;
  /** Reads what stands behind the colon. @throws UsageError */
  load(): Promise<{ readonly parse: (argument: string) => SecretSink }>;
}

/** Every kind there is. */
export const sinkKinds: readonly SinkKind[] = [
  {
    name: "file",
    form: "file:PATH",
    title: "a new file, which only you can read",
    load: () => import("./file.ts"),
  },
  {
    name: "env-file",
    form: "env-file:PATH#KEY",
    title: "a variable in a .env file; the rest of it stays as it is",
    load: () => import("./env-file.ts"),
  },
  {
    name: "github-env",
    form: "github-env:NAME",
    title: "a variable for the later steps of a GitHub job, masked",
    load: async () => ({ parse: (await import("./github.ts")).parseGithubEnv }),
  },
  {
    name: "github-output",
    form: "github-output:NAME",
    title: "an output of this step of a GitHub job, masked",
    load: async () => ({ parse: (await import("./github.ts")).parseGithubOutput }),
  },
  {
    name: "gitlab-dotenv",
    form: "gitlab-dotenv:PATH#KEY",
    title: "a variable in a dotenv report for later GitLab jobs",
    load: () => import("./gitlab-dotenv.ts"),
  },
  {
    name: "clipboard",
    form: "clipboard",
    title: "the clipboard of this desktop",
    load: () => import("./clipboard.ts"),
  },
  {
    name: "command",
    form: "command:CMD",
    title: "the stdin of a line of shell, whose exit code counts",
    load: () => import("./command.ts"),
  },
];
