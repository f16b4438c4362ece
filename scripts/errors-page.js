// Writes docs/reference/errors.md from the errors that the tests provoke: `npm run generate`.
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleReference, writeBundle } from "./bundle.js";

/** The directories in test/ whose tests have a fixed input. */
const folders = ["commands", "config", "core", "http", "providers", "session", "sinks"];

const root = new URL("../", import.meta.url);
const folder = await mkdtemp(join(tmpdir(), "tokctl-errors-"));
try {
  const file = join(folder, "errors.jsonl");
  const { status } = spawnSync(
    "npx",
    ["vitest", "run", "--project", "fast", ...folders.map((name) => `test/${name}/`)],
    { stdio: "inherit", env: { ...process.env, TOKCTL_COLLECT_ERRORS: file } },
  );
  if (status !== 0) throw new Error("The tests failed: docs/reference/errors.md is not updated.");
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  await writeBundle(await bundleReference("errors"));
  const bundle = new URL("dist/reference.js", root);
  const { toErrorsPage } = await import(bundle.href);
  await rm(bundle);
  const page = toErrorsPage(lines.map((line) => JSON.parse(line)));
  await writeFile(new URL("docs/reference/errors.md", root), page);
} finally {
  await rm(folder, { recursive: true });
}
