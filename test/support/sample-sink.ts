import { stageNewFile } from "../../src/config/atomic-file.ts";
import { UsageError } from "../../src/errors.ts";
import { parsePath, secretBytes, stageFile } from "../../src/sinks/secret-file.ts";
import type { SecretSink } from "../../src/sinks/sink.ts";

/** `json-file:PATH`: a JSON file with the secret. */
export function parse(argument: string): SecretSink {
  const path = parsePath(argument);
  if (!path.endsWith(".json"))
    throw new UsageError("its name does not end with .json.", { hint: "Use json-file:PATH.json." });
  return {
    target: { path },
    async prepare(context) {
      const staged = context.force
        ? stageFile(path, { overwriteMode: 0o600 }, context)
        : stageNewFile(path, { reserve: secretBytes });
      return {
        deliver: async (secret) => staged.commit(JSON.stringify({ token: secret.reveal() })),
        discard: async () => staged.discard(),
      };
    },
  };
}
