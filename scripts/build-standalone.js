// Makes programs that need no Node: `npm run build:standalone -- [--target NAME]... [--out FOLDER]`; the target
// `here` makes one for this machine alone, called `tokctl`. Bun puts them together from dist/, where undici is
// bundled already: it would put a stand-in of its own in its place. Bun itself is fetched for that alone,
// into a directory that goes: standalone/package-lock.json pins it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { printTable } from "./report.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../", import.meta.url));

/** What each is for, as npm calls it, and what goes into it: a Bun, and the native part of the keychain's library. */
const targets = {
  "linux-x64": { os: "linux", cpu: "x64", bun: "linux-x64/bin/bun", keyring: "linux-x64-gnu" },
  "linux-arm64": {
    os: "linux",
    cpu: "arm64",
    bun: "linux-aarch64/bin/bun",
    keyring: "linux-arm64-gnu",
  },
  "darwin-x64": {
    os: "darwin",
    cpu: "x64",
    bun: "darwin-x64/bin/bun",
    keyring: "darwin-x64",
    // Bun renews its own signature for arm64 only, where nothing runs without one.
    note: "to be signed on a Mac: codesign --force --sign -",
  },
  "darwin-arm64": {
    os: "darwin",
    cpu: "arm64",
    bun: "darwin-aarch64/bin/bun",
    keyring: "darwin-arm64",
  },
  "windows-x64": {
    os: "win32",
    cpu: "x64",
    bun: "windows-x64/bin/bun.exe",
    keyring: "win32-x64-msvc",
    suffix: ".exe",
  },
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

/**
 * Installs what is pinned for one platform, whichever this one is, and runs nothing of it.
 * @returns the path of a file in it, which npm omits without a word if it can't fetch it.
 */
async function install(folder, lock, { os, cpu }, file) {
  for (const each of ["package.json", "package-lock.json"])
    await cp(join(lock, each), join(folder, each));
  const platform = [`--os=${os}`, `--cpu=${cpu}`, "--libc=glibc"];
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["ci", "--omit=dev", ...platform, ...quiet], {
    cwd: folder,
    shell: process.platform === "win32",
  });
  const path = join(folder, "node_modules", file);
  await access(path).catch(() => {
    throw new Error(`npm did not bring ${file}. Is the registry within reach?`);
  });
  return path;
}

async function fetchBun(work, target) {
  const folder = join(work, `${target.os}-${target.cpu}`);
  await mkdir(folder, { recursive: true });
  return install(folder, join(root, "scripts/standalone"), target, `@oven/bun-${target.bun}`);
}

/** Writes a program. @returns what it holds: the same whenever it is built of the same. */
async function build(work, bun, wanted) {
  const name = wanted === "here" ? here : wanted;
  const target = targets[name];
  const folder = await mkdtemp(join(work, "program-"));
  for (const part of ["bin", "dist"])
    await cp(join(root, part), join(folder, part), { recursive: true });
  await install(folder, root, target, `@napi-rs/keyring-${target.keyring}`);
  const called = wanted === "here" ? "tokctl" : `tokctl-${name}`;
  const file = resolve(options.out, `${called}${target.suffix ?? ""}`);
  await run(
    bun,
    [
      ...["build", "--compile", `--compile-executable-path=${await fetchBun(work, target)}`],
      ...[`--target=bun-${name}`, "--minify", "--bytecode"],
      // A file that lies about in some directory must not say where a credential goes.
      ...["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"],
      // Else it is where the file is now. What is looked for beside it would be looked for there,
      // where anybody could have put it.
      `--define=__filename="/tokctl"`,
      ...["bin/tokctl.js", `--outfile=${file}`],
    ],
    { cwd: folder },
  );
  const content = await readFile(file);
  if (content.includes(work)) {
    await rm(file);
    throw new Error(`It leads to ${work}, where it was built.`);
  }
  return content;
}

const work = await mkdtemp(join(tmpdir(), "tokctl-standalone-"));
try {
  const bun = await fetchBun(work, targets[here]);
  await mkdir(options.out, { recursive: true });
  await cp(join(root, "dist/licences.txt"), join(options.out, "licences.txt"));
  const rows = [["", "MiB", "SHA-256", ""]];
  for (const name of options.target)
    try {
      const content = await build(work, bun, name);
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
