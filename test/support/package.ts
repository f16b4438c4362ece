import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";

/** Runs a program to its end; what it prints, and whatever else failed than that. */
export const run = promisify(execFile);

/** Somebody's project with the package in it, as it would be published, and nothing that it could lean on. */
export interface Project {
  readonly folder: string;
  /** The program in it. */
  readonly program: string;
  /** What would be published. */
  readonly tarball: string;
}

/** Called once in a file, it gives its tests a project, which goes with them. */
export function useProject(): () => Project {
  let folder = "";
  let tarball = "";
  const installed = () => join(folder, "node_modules", "tokctl");
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "tokctl-test-"));
    await mkdir(installed(), { recursive: true });
    const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
    tarball = join(folder, (await run("npm", pack)).stdout.trim());
    await run("tar", ["-xzf", tarball, "-C", installed(), "--strip-components=1"]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return () => ({ folder, tarball, program: join(installed(), "bin", "tokctl.js") });
}
