// Bundles src/ into dist/.
import { execFileSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import {
  bundleCompletion,
  bundleDescription,
  bundleLibrary,
  bundleProgram,
  writeBundle,
} from "./bundle.js";
import { listLicences } from "./licences.js";

await rm("dist", { recursive: true, force: true });

// What completion knows of the commands is read off the program itself.
await writeBundle(await bundleDescription());
const { describeCommands } = await import("../dist/describe.js");
const { commandList } = await import("../dist/commands.js");
const { createNodeHost } = await import("../dist/node-host.js");
const commandTree = await describeCommands(createNodeHost(process), commandList);
await rm("dist", { recursive: true });

const bundles = [await bundleProgram(), await bundleLibrary(), await bundleCompletion(commandTree)];
for (const bundle of bundles) await writeBundle(bundle);
await writeFile("dist/licences.txt", await listLicences(bundles));
// The types of the library; `npm run typecheck` is what checks them.
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
  stdio: "inherit",
});
