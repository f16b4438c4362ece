// Runs the commands of docs/guide.md anew, in one shell with a fresh sandbox, and puts their output in
// place: `npm run generate`. With --check it changes nothing, and ends with 1 if something differs.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const guide = new URL("../docs/guide.md", import.meta.url);
const program = fileURLToPath(new URL("../bin/tokctl.js", import.meta.url));

/** Stands before the output of each command (the record separator of ASCII). */
const separator = "\x1e";

/** A block of a session; what stands behind `$ ` is a command, lines that begin with `> ` go on with it. */
const sessions = /(?<=^```console\n).*?(?=^```$)/gms;
const commands = /^\$ (.*(?:\n> .*)*)/gm;

/** What each command prints, on stdout and stderr, as the sandbox and the shell are by then. */
async function run(lines) {
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

/** Makes what differs from run to run the same in all: ids, secrets, times, ports. */
function normalise(text) {
  const places = new Map();
  /** Letters that depend on how many others like it were met before, and on nothing else. */
  const digest = (kind, found, encoding) => {
    const met = places.get(kind) ?? places.set(kind, []).get(kind);
    if (!met.includes(found)) met.push(found);
    return createHash("sha512")
      .update(`${kind} ${met.indexOf(found)}`)
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
    .replace(/\b\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d\.\d{9}/g, "2026-05-27$114:03:06.178808548")
    .replace(/(?<=(?:127\.0\.0\.1|localhost):)\d+/g, "8787")
    .replace(/(?<= after )\d+(?= ms)/g, "12");
}

const text = await readFile(guide, "utf8");
const lines = [...text.matchAll(sessions)].flatMap(([session]) =>
  [...session.matchAll(commands)].map(([, line]) => line),
);
const outputs = await run(lines);
let next = 0;
const updated = text.replace(sessions, (session) =>
  [...session.matchAll(commands)]
    .map(([command]) => `${command}\n${`${outputs[next++]}`.replace(/(?<!^)\n*$/, "\n")}`)
    .join(""),
);
if (!process.argv.includes("--check")) await writeFile(guide, updated);
else if (updated !== text) {
  console.error("docs/guide.md does not show what its commands print: npm run generate");
  process.exitCode = 1;
}
