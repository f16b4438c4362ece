import { createCredentialStore } from "../../../config/credential-store.ts";
import { createProfiles } from "../../../config/profiles.ts";
import { readText } from "../../../config/read-text.ts";
import { Secret } from "../../../core/secret.ts";
import { systemCodeOf } from "../../../core/system-errors.ts";
import { UsageError } from "../../../errors.ts";
import type { Host } from "../../../host.ts";
import type { SandboxApi } from "../../../sandbox/api.ts";
import { createSandbox, type Sandbox } from "../../../sandbox/app.ts";
import { type Listening, type ListenOptions, listen } from "../../../sandbox/listen.ts";
import type { ResourceSeed } from "../../../sandbox/ovh-ai/resources/resources.ts";
import { parseSeeds, SeedError } from "../../../sandbox/seed-file.ts";
import type { SandboxSettings } from "../../../sandbox/settings.ts";

/** Listening address, settings and seed file of a sandbox, as the options of a command. */
export interface SandboxOptions extends ListenOptions, Omit<SandboxSettings, "failures"> {
  /** Path of a seed file. */
  readonly seed?: string | undefined;
  readonly fail?: SandboxSettings["failures"];
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
  const { fail: failures, ...settings } = options;
  const { apis, logins, fetch } = createSandbox(
    { now: host.now, randomBytes: host.randomBytes, sleep: host.sleep },
    { ...settings, failures },
    seeds,
  );
  const listening = await listen({ fetch }, options).catch((cause: unknown) => {
    throw new UsageError(
      `The sandbox cannot listen on ${options.host}:${options.port}: ${systemCodeOf(cause) || "unknown error"}.`,
      { hint: "Use another --port (0 for any free port) or --host.", cause },
    );
  });
  return { ...listening, apis, logins };
}

/**
 * Saves a profile with a stored credential for each API, in a configuration directory. The profile
 * has the ID of the API as its name; the first one becomes the current profile.
 * @param url Base URL of the sandbox.
 */
export async function saveSandboxProfiles(
  folder: string,
  host: Host,
  apis: readonly SandboxApi[],
  url: string,
): Promise<void> {
  const profiles = createProfiles(folder, host);
  const credentials = createCredentialStore(folder, host, async () => {});
  for (const { id, environment } of apis) {
    const variables = environment(url);
    await profiles.save(id, {
      provider: id,
      url: variables["TOKCTL_URL"],
      project: variables["TOKCTL_PROJECT"],
      namespace: variables["TOKCTL_NAMESPACE"],
    });
    const token = new Secret(variables["TOKCTL_APP_TOKEN"] ?? "");
    const stored = { origin: new URL(url).origin, credential: { kind: "token", token } } as const;
    await credentials.write(id, stored, "file");
  }
  await profiles.setCurrent(apis[0]?.id);
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
