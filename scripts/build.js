// Bundles src/ into dist/: what a command does not need is a chunk of its own, loaded on demand.
import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { build } from "esbuild";

/** undici would load all of Node's HTTP/2 for a protocol that is never offered (`allowH2` is off). */
const withoutHttp2 = {
  name: "without-http2",
  setup({ onLoad }) {
    const contents = "module.exports = () => { throw new Error('HTTP/2 is not built in'); };";
    onLoad({ filter: /undici[\\/]lib[\\/]dispatcher[\\/]client-h2\.js$/ }, () => ({ contents }));
  },
};

/** commander would load what starts programs, for subcommands that are programs of their own. */
const withoutChildPrograms = {
  name: "without-child-programs",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: "none", namespace: "empty" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "module.exports = {};" }));
  },
};

/** What is loaded on demand is never demanded by completion: it sends and writes nothing. */
const withoutDemand = {
  name: "without-demand",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: "none", namespace: "empty" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export {};" }));
  },
};

const shared = {
  outdir: "dist",
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // It is native, and need not be there.
  external: ["@napi-rs/keyring"],
  legalComments: "none",
};

const program = {
  ...shared,
  plugins: [withoutHttp2, withoutChildPrograms],
  // CommonJS packages in an ES module bundle still ask for Node's own modules by `require`.
  banner: { js: "const require = process.getBuiltinModule;" },
};

await rm("dist", { recursive: true, force: true });

// What completion knows of the commands is read off the program itself.
await build({ ...program, entryPoints: ["src/describe.ts", "src/node-host.ts"] });
const { describe } = await import("../dist/describe.js");
const { createNodeHost } = await import("../dist/node-host.js");
const commandTree = await describe(createNodeHost(process));
await rm("dist", { recursive: true });

await build({
  ...program,
  entryPoints: ["src/main.ts", "src/node-host.ts", "src/keychain-process.ts", "src/index.ts"],
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
});
await build({
  ...shared,
  entryPoints: ["src/complete.ts"],
  minify: true,
  plugins: [withoutDemand],
  define: { commandTree: JSON.stringify(commandTree) },
});
// The types of the library; `npm run typecheck` is what checks them.
execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.types.json"], {
  stdio: "inherit",
});
