// Bundles src/ into dist/: what a command does not need is a chunk of its own, loaded on demand.
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

await rm("dist", { recursive: true, force: true });
await build({
  entryPoints: ["src/main.ts", "src/node-host.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  chunkNames: "chunks/[name]-[hash]",
  legalComments: "none",
  plugins: [withoutHttp2],
  // CommonJS packages in an ES module bundle still ask for `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
