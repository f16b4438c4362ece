import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import type { RunOptions } from "./outcome.ts";
import { createWorld } from "./world.ts";

/**
 * Returns a world with an empty profile folder and an empty environment, for tests that sign in.
 */
export function createHome(api = "ovh-ai") {
  const world = createWorld(api);
  const folder = mkdtempSync(join(tmpdir(), "tokctl-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const cleared = Object.fromEntries(
    Object.keys(world.environment).map((name) => [name, undefined]),
  );
  const options = ({ env, ...rest }: RunOptions = {}): RunOptions => ({
    ...rest,
    env: { ...cleared, TOKCTL_CONFIG_DIR: folder, HOME: folder, ...env },
  });
  const path = (name: string) => join(folder, name);
  const bootstrap = world.environment["TOKCTL_APP_TOKEN"] ?? "";
  const url = world.environment["TOKCTL_URL"] ?? "";
  return {
    ...world,
    bootstrap,
    url,
    run: (line: string | readonly string[], more?: RunOptions) => world.run(line, options(more)),
    complete: (line: string | readonly string[], more?: RunOptions) =>
      world.complete(line, options(more)),
    json: (line: string | readonly string[], more?: RunOptions) => world.json(line, options(more)),
    /** Signs in with the bootstrap token. */
    login: (words = "", more?: RunOptions) =>
      world.run(
        `login ${api} ${url} --app-token-file - ${words}`,
        options({ stdin: bootstrap, ...more }),
      ),
    path,
    files: (name: string) => readdirSync(path(name)).sort(),
    read: (name: string) => readFileSync(path(name), "utf8"),
    write(name: string, text: string | Uint8Array, mode = 0o600) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
      chmodSync(path(name), mode);
    },
    /** Writes a profile and its stored credential. */
    keep(name: string, settings: object, credential?: object) {
      this.write(`profiles/${name}.json`, JSON.stringify(settings));
      if (credential) this.write(`credentials/${name}.json`, JSON.stringify(credential));
    },
    /** Returns the URLs and credentials of the requests. */
    sent: () =>
      world.requests.map(
        ({ url, headers }) => `${new URL(url).origin} ${headers["authorization"]}`,
      ),
  };
}
