// Writes man/ and docs/reference.md, from the program itself: `npm run generate`.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const root = new URL("../", import.meta.url);
const bundle = new URL("dist/reference.js", root);
await build({
  entryPoints: ["scripts/reference/files.ts"],
  outfile: "dist/reference.js",
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
});
const { generateFiles } = await import(bundle.href);
const files = await generateFiles();
await rm(bundle);
await rm(new URL("man/", root), { recursive: true, force: true });
await mkdir(new URL("man/", root));
for (const [path, text] of files) await writeFile(new URL(path, root), text);
