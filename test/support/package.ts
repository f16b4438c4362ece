import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";

/** Runs a program and returns its output. */
export const run = promisify(execFile);

/** A project with the published package as its only dependency. */
export interface Project {
  readonly folder: string;
  /** Path of the program in the project. */
  readonly program: string;
  /** Path of the package tarball. */
  readonly tarball: string;
}

/** Creates a project for a test file and removes it at the end. */
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
