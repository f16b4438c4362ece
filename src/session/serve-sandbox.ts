import { readText } from "../config/read-text.ts";
import { systemCodeOf, UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { createSandbox, type Sandbox } from "../sandbox/app.ts";
import { type Listening, type ListenOptions, listen } from "../sandbox/listen.ts";
import type { ResourceSeed } from "../sandbox/ovh-ai/resources/resources.ts";
import { parseSeeds, SeedError } from "../sandbox/seed-file.ts";
import type { SandboxSettings } from "../sandbox/settings.ts";

/** Listening address, settings and seed file of a sandbox. */
export interface SandboxOptions extends ListenOptions, SandboxSettings {
  /** Path of a seed file. */
  readonly seed?: string | undefined;
}

/**
 * Serves the emulated APIs on this machine.
 * @throws UsageError if the seed file can't be read or is invalid, or the sandbox can't listen.
 */
export async function serveSandbox(
  host: Host,
  options: SandboxOptions,
): Promise<Listening & Pick<Sandbox, "apis" | "logins">> {
  const seeds = options.seed === undefined ? undefined : await readSeeds(options.seed, host);
  const { apis, logins, fetch } = createSandbox(host, options, seeds);
  const listening = await listen({ fetch }, options).catch((cause: unknown) => {
    throw new UsageError(
      `The sandbox cannot listen on ${options.host}:${options.port}: ${systemCodeOf(cause) || "unknown error"}.`,
      { hint: "Use another --port (0 for any free port) or --host.", cause },
    );
  });
  return { ...listening, apis, logins };
}

async function readSeeds(
  path: string,
  { readFile, interrupt }: Pick<Host, "readFile" | "interrupt">,
): Promise<readonly ResourceSeed[]> {
  const text = await readText(readFile(path), path, interrupt, {
    thing: "seed",
    kibibytes: 16_384,
  });
  try {
    return parseSeeds(text);
  } catch (error) {
    if (!(error instanceof SeedError)) throw error;
    throw new UsageError(`${path} is not a valid seed file: ${error.message}.`, {
      hint: "Example of a seed file: {apps: [{image: infrastructureascode/hello-world, labels: {group: A}}]}",
    });
  }
}
