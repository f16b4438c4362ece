import { UsageError } from "../errors.ts";
import { requireRunner, writeJobCommand } from "./ci-job.ts";
import type { SecretSink } from "./sink.ts";
import { requireName } from "./store-tool.ts";

const command = { purpose: "set the variable", runner: "the agent of Azure Pipelines" };

/**
 * `azure-pipelines:NAME`: a secret variable for later steps of an Azure Pipelines job.
 * @see https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
 */
export function parse(name: string): SecretSink {
  requireName(name, /^[a-z_][\w.]*$/i, "azure-pipelines:NAME; use letters, digits, . and _");
  if (/^(?:endpoint|input|secret|path|securefile)/i.test(name))
    throw new UsageError(`Azure Pipelines reserves the beginning of the name ${name}.`, {
      hint: "Choose a name that does not begin with endpoint, input, secret, path or securefile.",
    });
  return {
    async prepare({ env, stdout }) {
      // Only the agent removes the line from the log.
      if (env["TF_BUILD"] !== "True")
        throw new UsageError('this is not a job of Azure Pipelines: TF_BUILD is not "True".', {
          hint: "Outside of Azure Pipelines, use file:PATH or env-file:PATH#KEY.",
        });
      requireRunner(stdout, command);
      return {
        deliver: (secret) =>
          writeJobCommand(
            stdout,
            command,
            `##vso[task.setvariable variable=${name};issecret=true]${escapeValue(secret.reveal())}`,
          ),
        discard: async () => {},
      };
    },
  };
}

const escapeValue = (value: string): string =>
  value.replaceAll("%", "%AZP25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
