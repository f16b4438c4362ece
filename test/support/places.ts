import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { RunOptions } from "./outcome.ts";
import { createWorld } from "./world.ts";

/** Returns a world with a folder for secrets. */
export function createPlaces(api?: string) {
  const world = createWorld(api);
  const folder = mkdtempSync(join(tmpdir(), "tokctl-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  const runner = at("runner");
  const read = (name: string) => readFileSync(at(name), "utf8");
  return {
    ...world,
    at,
    read,
    write: (name: string, text: string) => writeFileSync(at(name), text),
    executable: (name: string) => chmodSync(at(name), 0o755),
    mode: (name: string) => statSync(at(name)).mode & 0o777,
    files: () => readdirSync(folder).sort(),
    /** Creates a token with these destinations. */
    create: (to: readonly string[], options?: RunOptions, more: readonly string[] = []) =>
      world.run(
        ["token", "create", "ci", "-r", "ai_training_read", ...toOptions(to), ...more],
        options,
      ),
    renew: (to: readonly string[], options?: RunOptions, more: readonly string[] = []) =>
      world.run(["token", "renew", "ci", "-y", ...toOptions(to), ...more], options),
    /** Returns the environment of a GitHub Actions job. */
    github() {
      writeFileSync(runner, "");
      return { GITHUB_ACTIONS: "true", GITHUB_ENV: runner, GITHUB_OUTPUT: runner };
    },
    /** Returns the name of the token of a secret, or "" if the secret is invalid. */
    owner: async (secret: string) =>
      (await world.run("whoami -q", { env: { TOKCTL_APP_TOKEN: secret } })).stdout.trim(),
  };
}

export type Places = ReturnType<typeof createPlaces>;

const toOptions = (to: readonly string[]) => to.flatMap((place) => ["--to", place]);
