import { readText } from "../config/read-text.ts";
import { systemCodeOf, UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { createSandbox, type Sandbox } from "../sandbox/app.ts";
import { type Listening, type ListenOptions, listen } from "../sandbox/listen.ts";
import type { ResourceSeed } from "../sandbox/ovh-ai/resources/store.ts";
import { parseSeeds, SeedError } from "../sandbox/seed-file.ts";
import type { SandboxSettings } from "../sandbox/settings.ts";

/** Where the sandbox listens, and how it differs from what it is without being told anything. */
export interface SandboxOptions extends ListenOptions, SandboxSettings {
  /** The path of a seed file. */
  readonly seed?: string | undefined;
}

/**
 * Serves the emulated APIs on this machine.
 * @throws UsageError if there is no such seed, or if it can't listen there.
 */
export async function serveSandbox(
  host: Host,
  options: SandboxOptions,
): Promise<Listening & Pick<Sandbox, "apis" | "logins">> {
  const seeds = options.seed === undefined ? undefined : await readSeeds(options.seed, host);
  const { apis, logins, fetch } = createSandbox(host, options, seeds);
  const listening = await listen({ fetch }, options).catch((cause: unknown) => {
    throw new UsageError(
      `The sandbox can't listen on ${options.host}, port ${options.port} (${systemCodeOf(cause) || "unknown reason"}).`,
      { hint: "Choose another --port (0 takes any free one) or --host.", cause },
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
    throw new UsageError(`${path} is no seed for the sandbox: ${error.message}.`, {
      hint: "A seed looks like this: {apps: [{image: infrastructureascode/hello-world, labels: {group: A}}]}",
    });
  }
}
