// How src/ becomes dist/: chunks that are loaded on demand, and as few of them as can be for a call to an API.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { rolldown } from "rolldown";

const empty = "\0empty";
const width = "\0width";

/** Modules of packages that are omitted, for what they do is never done here. */
const leftOut = {
  name: "left-out",
  resolveId(id, importer) {
    // cli-table3 would bring a dictionary of emoji to measure texts; so the whole program measures them alike.
    if (id === "string-width" && /[\\/]cli-table3[\\/]/.test(importer)) return width;
    // It would color headings and borders with it; ours come colored.
    if (id.startsWith("@colors/colors")) return empty;
    // commander would load what starts programs, for subcommands that are programs of their own.
    return id === "node:child_process" && /[\\/]commander[\\/]/.test(importer) ? empty : undefined;
  },
  load(id) {
    if (id === empty) return { code: "module.exports = {};", moduleType: "js" };
    if (id === width)
      return { code: 'module.exports = require("fast-string-width").default;', moduleType: "js" };
    // undici would load all of Node's HTTP/2 for a protocol that is never offered (`allowH2` is off),
    // and all of its fetch for bodies that are neither text nor a stream.
    return /[\\/]undici[\\/]lib[\\/](dispatcher[\\/]client-h2|web[\\/]fetch[\\/]body)\.js$/.test(id)
      ? "exports.extractBody = () => { throw new Error('The build leaves this out.'); };"
      : undefined;
  },
};

/** What is loaded on demand is never demanded by completion: it sends and writes nothing. */
const undemanded = {
  name: "undemanded",
  resolveDynamicImport: () => empty,
  load: leftOut.load,
};

/** V8 takes nothing but ASCII as it is; anything else it holds and reads at twice the size. */
const ascii = {
  name: "ascii",
  renderChunk: (code) =>
    code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
};

/** Files of dist/, not written yet. */
async function bundle({ plugins = [], ...input }, output) {
  const made = await rolldown({
    // It is native, and need not be there.
    external: ["@napi-rs/keyring"],
    ...input,
    platform: "node",
    plugins: [leftOut, ...plugins, ascii],
  });
  return made.generate({ comments: false, ...output });
}

/** Node starts sooner with CommonJS, and of its own modules it loads less for `require` than for an import. */
const commonJs = {
  format: "cjs",
  entryFileNames: "[name].cjs",
  chunkFileNames: "chunks/[name]-[hash].cjs",
  dynamicImportInCjs: false,
};

const esModule = {
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  // CommonJS packages still ask for Node's own modules by `require`.
  polyfillRequire: false,
  banner: "const require = process.getBuiltinModule;",
};

/** The chunks, each with the imports of its files: the host, every run, a command, an API call, the tokens of OVHcloud. */
const groups = {
  host: ["host/node-host.ts"],
  start: ["main.ts"],
  command: ["commands/token/list.ts", "commands/token/create.ts"],
  call: [
    "core/identity.ts",
    "core/lost-response-hints.ts",
    "http/bearer.ts",
    "http/client.ts",
    "http/schema.ts",
    "http/transport/undici.ts",
    "session/token-cache.ts",
  ],
  ovh: ["providers/ovh/ai-token.ts", "providers/ovh/token-operations.ts"],
};

/** Says which group a module is in: the first that it is part of. */
function findGroups() {
  const imports = new Map();
  const found = new Map();
  function add(id, name) {
    if (found.has(id)) return;
    found.set(id, name);
    for (const imported of imports.get(id) ?? []) add(imported, name);
  }
  const plugin = {
    name: "groups",
    moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds),
    renderStart() {
      for (const [name, paths] of Object.entries(groups))
        for (const path of paths) add(resolve("src", path), name);
    },
  };
  return { plugin, groupOf: (id) => found.get(id) ?? null };
}

/** The program and its processes. */
export function bundleProgram() {
  const { plugin, groupOf } = findGroups();
  return bundle(
    {
      input: {
        main: "src/main.ts",
        "node-host": "src/host/node-host.ts",
        "keychain-process": "src/host/keychain.ts",
      },
      preserveEntrySignatures: "allow-extension",
      plugins: [plugin],
    },
    {
      ...commonJs,
      minify: true,
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ debugName: "groups", name: groupOf }],
      },
    },
  );
}

export const bundleLibrary = () => bundle({ input: { index: "src/library.ts" } }, esModule);

/** What tells of the commands, for the build. */
export const bundleDescription = () =>
  bundle(
    {
      input: {
        describe: "src/cli/describe-commands.ts",
        commands: "src/commands/index.ts",
        "node-host": "src/host/node-host.ts",
      },
    },
    esModule,
  );

/** One of the generators in scripts/reference, which only this repository uses. */
export const bundleReference = (name) =>
  bundle(
    {
      input: { reference: `scripts/reference/${name}.ts` },
      external: (id) => !id.startsWith(".") && !isAbsolute(id),
    },
    esModule,
  );

/** What answers a TAB, which knows the commands as plain data. */
export const bundleCompletion = (commandTree) =>
  bundle(
    {
      input: { complete: "src/complete.ts" },
      plugins: [undemanded],
      // V8 reads JSON sooner than the same as JavaScript.
      transform: {
        define: { commandTree: `JSON.parse(${JSON.stringify(JSON.stringify(commandTree))})` },
      },
    },
    { ...commonJs, minify: true, codeSplitting: false },
  );

/** Writes a bundle into dist/. */
export async function writeBundle({ output }) {
  for (const { fileName, code } of output) {
    const path = join("dist", fileName);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, code);
  }
}
