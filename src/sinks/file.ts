import { lstat, rename } from "node:fs/promises";
import { UsageError } from "../errors.ts";
import { createFresh } from "./fresh-file.ts";
import { beside, noFileError, parsePath } from "./paths.ts";
import type { SecretSink } from "./sink.ts";

/** `file:PATH`: a file that holds the secret and not a byte more. */
export function parse(argument: string): SecretSink {
  const path = parsePath(argument);
  return {
    target: { path },
    async prepare(outside) {
      if (outside.force) await requireReplaceable(path);
      // Without --force the file itself is made, so that nobody else can make it meanwhile.
      const place = outside.force ? beside(path, outside) : path;
      const { fill, discard } = await createFresh(place);
      return {
        discard,
        async deliver(secret) {
          await fill(Buffer.from(secret.reveal()));
          if (place !== path) await rename(place, path);
        },
      };
    },
  };
}

async function requireReplaceable(path: string): Promise<void> {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (stats?.isSymbolicLink())
    throw new UsageError("it is a symbolic link.", { hint: "Name the file that it leads to." });
  if (stats && !stats.isFile()) throw noFileError();
}
