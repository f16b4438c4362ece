import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../node_modules/.cache/bench-nodes/", import.meta.url));

/** A version of Node from the npm package `node`, kept from one run to the next. */
export function installNode(major) {
  if (!/^\d+$/.test(major)) throw new Error(`--nodes is a list of major versions: not ${major}`);
  const folder = join(cache, major);
  const file = process.platform === "win32" ? "node.exe" : "node";
  const path = join(folder, "node_modules/node/bin", file);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
    // Its script is what fetches the program for this machine.
    execFileSync("npm", ["install", "--prefix", folder, ...quiet, `node@${major}`], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      shell: process.platform === "win32",
    });
  }
  return { path, version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim() };
}
