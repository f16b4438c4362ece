import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { generateFiles } from "../scripts/reference/files.ts";
import { commandList } from "../src/commands/index.ts";
import { exitCodes } from "../src/errors.ts";
import { testWith } from "./support/tools.ts";

const root = new URL("../", import.meta.url);
const files = await generateFiles();

test("generated files are up to date: npm run generate", () => {
  for (const [path, text] of files)
    expect({ path, text: readFileSync(new URL(path, root), "utf8") }).toEqual({ path, text });
  const kept = readdirSync(new URL("man/", root)).map((name) => `man/${name}`);
  expect(kept.toSorted()).toEqual(
    [...files.keys()].filter((path) => path.startsWith("man/")).toSorted(),
  );
});

test("the JSON fields of the help are those of the schemas: npm run generate", async () => {
  const path = new URL("src/cli/help/json-fields.json", root);
  const script =
    'import { formatJsonFields } from "./scripts/json-fields.js"; process.stdout.write(await formatJsonFields())';
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", script],
    { cwd: fileURLToPath(root) },
  );
  expect(readFileSync(path, "utf8")).toBe(stdout);
});

test("every command has a manual page and a section in the reference", () => {
  const reference = files.get("docs/reference/commands.md");
  for (const entry of commandList) {
    const [name] = entry.names;
    const verbs = "entries" in entry ? entry.entries.map(({ names }) => ` ${names[0]}`) : [""];
    for (const verb of verbs) {
      expect(reference).toContain(`\n## tokctl ${name}${verb}\n`);
      expect(files.has(`man/tokctl-${name}${verb.replace(" ", "-")}.1`)).toBe(true);
    }
  }
});

test("every error code has a section in the page of error messages", () => {
  const page = readFileSync(new URL("docs/reference/errors.md", root), "utf8");
  const sections = [...page.matchAll(/^## (.*)\n\nExit code (\d+):/gm)];
  expect(sections.map(([, code, exitCode]) => [code, Number(exitCode)])).toEqual(
    Object.entries(exitCodes),
  );
});

testWith("groff")("groff renders the manual pages without a warning", async () => {
  const pages = [...files.keys()].filter((path) => path.startsWith("man/"));
  const { stdout, stderr } = await promisify(execFile)(
    "groff",
    ["-Kutf8", "-man", "-Tutf8", "-ww", "-P-c", ...pages],
    { cwd: fileURLToPath(root), maxBuffer: 2 ** 24 },
  );
  expect(stderr).toBe("");
  expect(stdout).toContain("TOKEN=$(tokctl token create ci -r ai_training_read)");
});
