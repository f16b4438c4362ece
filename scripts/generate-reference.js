// Writes man/, completions/, docs/reference and the list of manual pages in package.json, from the program itself: `npm run generate`.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { bundleReference, writeBundle } from "./bundle.js";
import { formatJsonFields } from "./json-fields.js";

const root = new URL("../", import.meta.url);
// The reference is bundled with it.
await writeFile(new URL("src/cli/help/json-fields.json", root), await formatJsonFields());
await writeBundle(await bundleReference("files"));
const bundle = new URL("dist/reference.js", root);
const { generateFiles } = await import(bundle.href);
const files = await generateFiles();
await rm(bundle);
await rm(new URL("man/", root), { recursive: true, force: true });
await mkdir(new URL("man/", root));
for (const [path, text] of files) await writeFile(new URL(path, root), text);
