// Runs the commands in the console blocks of README.md, docs/guide and docs/migrate, each page in a shell with a
// fresh sandbox, and writes their output into the page: `npm run generate`. With --check it writes nothing, and
// ends with 1 if a page differs.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = new URL("../", import.meta.url);
const program = fileURLToPath(new URL("../bin/tokctl.js", import.meta.url));

/** Options for the page's sandbox: `<!-- sandbox: --api osmo -->`. */
const options = /^<!-- sandbox: (.+) -->$/m;

/** Precedes the output of each command (the record separator of ASCII). */
const separator = "\x1e";

/** The directories that `sandbox exec` creates for its command, in the temporary directory. */
const created = /\/[\w/.-]*\/tokctl-\w{6}\/(home|config|state|cache)\b/g;
const directories = {
  home: "/home/you",
  config: "/home/you/.config/tokctl",
  state: "/home/you/.local/state/tokctl",
  cache: "/home/you/.cache/tokctl",
};

/** A session; a command follows `$ `, its further lines follow `> `. */
const sessions = /(?<=^```console\n).*?(?=^```$)/gms;
const commands = /^\$ (.*(?:\n> .*)*)/gm;

/** Runs the commands in one shell. Returns what each printed, on stdout and stderr. */
async function run(lines, sandboxOptions) {
  const script = lines.map(
    (line) => `printf '\\036'\n(exit $code)\n${line.replaceAll("\n> ", "\n")}\ncode=$?\n`,
  );
  const home = await mkdtemp(join(tmpdir(), "tokctl-guide-"));
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        program,
        "sandbox",
        "exec",
        ...sandboxOptions,
        "--",
        "bash",
        "-c",
        `exec 2>&1; code=0\n${script.join("")}exit 0`,
      ],
      { cwd: home, env: { PATH: process.env.PATH, HOME: home } },
    );
    return normalise(stdout).split(separator).slice(1);
  } finally {
    await rm(home, { recursive: true });
  }
}

/** Replaces IDs, secrets, times and ports, which differ in each run, by fixed ones. */
function normalise(text) {
  const values = new Map();
  /** A digest of the value's index among the distinct values of its kind. */
  const digest = (kind, found, encoding) => {
    const seen = values.get(kind) ?? values.set(kind, []).get(kind);
    if (!seen.includes(found)) seen.push(found);
    return createHash("sha512")
      .update(`${kind} ${seen.indexOf(found)}`)
      .digest(encoding);
  };
  return text
    .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, (id) => {
      const hex = digest("id", id, "hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
    })
    .replace(/\b[0-9a-f]{32}\b/g, (id) => digest("project", id, "hex").slice(0, 32))
    .replace(/(?<![\w+/])[\w+/]{64}(?![\w+/])/g, (secret) =>
      digest("secret", secret, "base64").slice(0, 64),
    )
    .replace(/(?<![\w-])[\w-]{43}(?![\w-])/g, (secret) =>
      digest("secret", secret, "base64url").slice(0, 43),
    )
    .replace(/\b\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d\.\d{9}/g, "2026-05-27$114:03:06.178808548")
    .replace(/\b\d{4}-\d\d-\d\dT00:00:00Z/g, "2026-08-25T00:00:00Z")
    .replace(/\b\d{4}-\d\d-\d\dT(?!00:00:00)\d\d:\d\d:\d\dZ/g, "2026-05-27T14:03:06Z")
    .replace(created, (_, name) => directories[name])
    .replace(/(?<=(?:127\.0\.0\.1|localhost):)\d+/g, "8787")
    .replace(/(?<= after )\d+(?= ms)/g, "12");
}

async function update(path) {
  const page = new URL(path, root);
  const text = await readFile(page, "utf8");
  const lines = [...text.matchAll(sessions)].flatMap(([session]) =>
    [...session.matchAll(commands)].map(([, line]) => line),
  );
  if (lines.length === 0) return;
  const outputs = await run(lines, options.exec(text)?.[1].split(" ") ?? []);
  let next = 0;
  const updated = text.replace(sessions, (session) =>
    [...session.matchAll(commands)]
      .map(([command]) => `${command}\n${`${outputs[next++]}`.replace(/(?<!^)\n*$/, "\n")}`)
      .join(""),
  );
  if (!process.argv.includes("--check")) await writeFile(page, updated);
  else if (updated !== text) {
    console.error(`${path} does not show what its commands print: npm run generate`);
    process.exitCode = 1;
  }
}

const named = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const pages = ["docs/guide", "docs/migrate"].map(async (folder) =>
  (await readdir(new URL(folder, root))).map((name) => `${folder}/${name}`),
);
for (const page of named.length > 0 ? named : ["README.md", ...(await Promise.all(pages)).flat()])
  await update(page);
