// Makes programs that need no Node: `npm run build:standalone -- [--target NAME]... [--out FOLDER]`; the target
// `here` makes one for this machine alone, called `tokctl`. Bun puts them together from dist/, where undici is
// bundled already: it would put a stand-in of its own in its place. Bun itself is fetched for that alone,
// into a folder that goes: standalone/package-lock.json pins it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { printTable } from "./report.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../", import.meta.url));

/** What each is for, as npm calls it, and the Bun that goes into it. */
const targets = {
  "linux-x64": { os: "linux", cpu: "x64", bun: "linux-x64/bin/bun" },
  "linux-arm64": { os: "linux", cpu: "arm64", bun: "linux-aarch64/bin/bun" },
  "darwin-x64": {
    os: "darwin",
    cpu: "x64",
    bun: "darwin-x64/bin/bun",
    // Bun renews its own signature for arm64 only, where nothing runs without one.
    note: "to be signed on a Mac: codesign --force --sign -",
  },
  "darwin-arm64": { os: "darwin", cpu: "arm64", bun: "darwin-aarch64/bin/bun" },
  "windows-x64": { os: "win32", cpu: "x64", bun: "windows-x64/bin/bun.exe", suffix: ".exe" },
};

const here = `${process.platform}-${process.arch}`.replace("win32", "windows");

const { values: options } = parseArgs({
  options: {
    target: { type: "string", multiple: true, default: Object.keys(targets) },
    out: { type: "string", default: "standalone" },
  },
});
for (const name of [here, ...options.target])
  if (!(name in targets) && name !== "here")
    throw new Error(`There is no Bun for ${name}, but for ${Object.keys(targets).join(", ")}.`);

/** Installs what is pinned for one platform, whichever this one is, and runs nothing of it. */
async function install(folder, lock, { os, cpu }) {
  for (const file of ["package.json", "package-lock.json"])
    await cp(join(lock, file), join(folder, file));
  const platform = [`--os=${os}`, `--cpu=${cpu}`, "--libc=glibc"];
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["ci", "--omit=dev", ...platform, ...quiet], {
    cwd: folder,
    shell: process.platform === "win32",
  });
}

async function fetchBun(work, target) {
  const folder = join(work, `${target.os}-${target.cpu}`);
  await mkdir(folder, { recursive: true });
  await install(folder, join(root, "scripts/standalone"), target);
  return join(folder, "node_modules/@oven", `bun-${target.bun}`);
}

/** @returns the path of the program. */
async function build(work, bun, wanted) {
  const name = wanted === "here" ? here : wanted;
  const target = targets[name];
  const folder = await mkdtemp(join(work, "program-"));
  for (const part of ["bin", "dist"])
    await cp(join(root, part), join(folder, part), { recursive: true });
  // The keychain's library, with the part that is native to the target.
  await install(folder, root, target);
  const called = wanted === "here" ? "tokctl" : `tokctl-${name}`;
  const file = resolve(options.out, `${called}${target.suffix ?? ""}`);
  await run(
    bun,
    [
      ...["build", "--compile", `--compile-executable-path=${await fetchBun(work, target)}`],
      ...[`--target=bun-${name}`, "--format=esm", "--splitting", "--minify", "--bytecode"],
      // A file that lies about in some folder must not say where a credential goes.
      ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
      ...["bin/tokctl.js", `--outfile=${file}`],
    ],
    { cwd: folder },
  );
  return file;
}

const work = await mkdtemp(join(tmpdir(), "tokctl-standalone-"));
try {
  const bun = await fetchBun(work, targets[here]);
  await mkdir(options.out, { recursive: true });
  await cp(join(root, "dist/licences.txt"), join(options.out, "licences.txt"));
  const rows = [["", "MiB", "SHA-256", ""]];
  for (const name of options.target)
    try {
      const content = await readFile(await build(work, bun, name));
      const digest = createHash("sha256").update(content).digest("hex");
      const size = (content.length / 2 ** 20).toFixed(0);
      rows.push([name, size, digest, targets[name]?.note ?? ""]);
    } catch (error) {
      console.error(`${name} can't be built: ${error.stderr || error.message}`);
      process.exitCode = 1;
    }
  printTable(rows);
} finally {
  await rm(work, { recursive: true });
}
