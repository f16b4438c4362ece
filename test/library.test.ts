import { readFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type ClientOptions, createClient, InterruptedError, UsageError } from "../src/library.ts";
import { run, useProject } from "./support/package.ts";
import { serveSandbox } from "./support/spawn.ts";
import { createWorld } from "./support/world.ts";

const project = useProject();

const example = () => /```js\n(.*?)```/s.exec(readFileSync("docs/library.md", "utf8"))?.[1] ?? "";

test("the example of docs/library.md runs against the sandbox", async () => {
  const { folder } = project();
  const { env, close } = await serveSandbox();
  onTestFinished(() => close());
  await writeFile(join(folder, "example.mjs"), example());
  const { stdout } = await run(process.execPath, ["example.mjs"], { cwd: folder, env });
  expect(stdout).toMatch(
    /^created ci, secret of \d+ characters\nci: ai_training_read, active\nnot found \(not_found\)\n$/,
  );
});

test("its types compile in strict mode, with only the types of Node", async () => {
  const { folder } = project();
  const strict = example().replaceAll(/process\.env\.(\w+)/g, 'process.env.$1 ?? ""');
  const wrong = "// @ts-expect-error: there is no such option\nawait createClient({ tokn: 1 });\n";
  await writeFile(join(folder, "example.mts"), `${strict}${wrong}`);
  const types = join(folder, "node_modules", "@types");
  await mkdir(types);
  await symlink(join(process.cwd(), "node_modules/@types/node"), join(types, "node"));
  const options = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2023"];
  const { stdout } = await run(
    process.execPath,
    [
      join(process.cwd(), "node_modules/typescript/bin/tsc"),
      ...options,
      "--types",
      "node",
      "example.mts",
    ],
    { cwd: folder },
  ).catch((error: { stdout: string }) => error);
  expect(stdout).toBe("");
});

test("it does not change the process that imports it", async () => {
  const { folder } = project();
  const { env, close } = await serveSandbox();
  onTestFinished(() => close());
  await writeFile(join(folder, "effects.mjs"), effects);
  const { stdout } = await run(process.execPath, ["effects.mjs"], { cwd: folder, env });
  expect(JSON.parse(stdout)).toEqual({ flags: [], changed: [] });
});

test("unused clients and their secrets are garbage-collected", async () => {
  const { folder } = project();
  await writeFile(join(folder, "memory.mjs"), memory);
  const args = ["--expose-gc", "memory.mjs"];
  const { stdout } = await run(process.execPath, args, { cwd: folder });
  expect(Number(stdout)).toBeLessThan(20);
});

/** Makes 200 clients with a credential of a megabyte each, and prints how many megabytes remain. */
const memory = `
import { createClient } from "tokctl";
const used = () => (gc(), process.memoryUsage().heapUsed / 1e6);
const connect = (n) => createClient({
  provider: "ovh-ai",
  url: "http://127.0.0.1:1",
  credential: Buffer.alloc(1e6, String(n)).toString("latin1"),
});
await connect(0);
const before = used();
for (let n = 0; n < 200; n++) await connect(n);
console.log(used() - before);
`;

/** Uses the library, then prints the V8 flags and the process state that it changed. */
const effects = `
import { syncBuiltinESMExports } from "node:module";
import v8 from "node:v8";
const flags = [];
v8.setFlagsFromString = (flag) => flags.push(flag);
syncBuiltinESMExports();
const look = () => ({
  globals: Reflect.ownKeys(globalThis).map(String),
  prototypes: [Object, Array, String, Error, Promise].map((each) => Reflect.ownKeys(each.prototype).map(String)),
  listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
  env: { ...process.env },
  exitCode: process.exitCode,
  umask: process.umask(),
  title: process.title,
  stackTraceLimit: Error.stackTraceLimit,
});
const before = look();
const { createClient } = await import("tokctl");
const { TOKCTL_PROVIDER: provider, TOKCTL_URL: url, TOKCTL_APP_TOKEN: credential } = process.env;
const client = await createClient({ provider, url, credential });
for (let i = 0; i < 20; i++) await client.list();
const { token: _, ...token } = await client.create({ name: "ci", roles: ["ai_training_read"] });
await client.delete(token);
const after = look();
const changed = Object.keys(before).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
process.stdout.write(JSON.stringify({ flags, changed }));
`;

const options = (world: ReturnType<typeof createWorld>): ClientOptions => ({
  provider: world.environment["TOKCTL_PROVIDER"] ?? "",
  url: world.environment["TOKCTL_URL"],
  project: world.environment["TOKCTL_PROJECT"],
  namespace: world.environment["TOKCTL_NAMESPACE"],
  credential: world.environment["TOKCTL_APP_TOKEN"] ?? "",
  fetch: async (url, init) => world.sandbox.request(url, init),
});

test.each([
  ["ovh-ai", { name: "ci", roles: ["ai_training_read"] }, {}],
  ["osmo", { name: "ci", roles: ["osmo-user"] }, {}],
  ["ovh-cloud", { name: "ci", roles: ["ai_training_read"] }, { region: "GRA" }],
  ["ovh-serving", { roles: ["model-evaluation"], resource: "iris*" }, {}],
])("it creates, lists, renews and deletes tokens of %s", async (api, spec, place) => {
  const client = await createClient({ ...options(createWorld(api)), ...place });
  const { token: secret, ...token } = await client.create(spec);
  expect(await client.list()).toEqual([token]);
  expect((await client.roles(token)).map(({ name }) => name)).toEqual(spec.roles);
  const renewed = await client.renew(token, {});
  expect(renewed.id).toBe(token.id);
  expect(renewed.token.reveal()).not.toBe(secret.reveal());
  expect(JSON.stringify(renewed)).not.toContain(renewed.token.reveal());
  await client.delete(token);
  expect(await client.list()).toEqual([]);
  expect(await client.whoami()).toMatchObject({ provider: api });
});

test.each([
  ["an unknown provider", { provider: "nosuch" }],
  ["no URL", { url: undefined }],
  ["an invalid URL", { url: "nowhere" }],
  ["an empty credential", { credential: " " }],
])("it refuses %s before anything is sent", async (_, wrong) => {
  const world = createWorld();
  await expect(createClient({ ...options(world), ...wrong })).rejects.toThrow(UsageError);
});

test("errors have a code, and the signal cancels a request", async () => {
  const given = options(createWorld());
  const refused = await createClient({ ...given, credential: "wrong" });
  await expect(refused.list()).rejects.toMatchObject({ code: "unauthenticated" });
  const stopped = await createClient({ ...given, fetch: undefined, signal: AbortSignal.abort() });
  await expect(stopped.list()).rejects.toThrow(InterruptedError);
});

test.each([
  ["no options", undefined],
  ["no credential", { provider: "ovh-ai", region: "GRA" }],
  ["an undefined credential", { provider: "ovh-ai", region: "GRA", credential: undefined }],
  ["an empty credential", { provider: "ovh-ai", region: "GRA", credential: "" }],
  ["an object that is not a credential", { provider: "ovh-ai", region: "GRA", credential: {} }],
])("createClient() with %s is a usage error with a hint", async (_case, options) => {
  const error = await createClient(options as ClientOptions).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  expect(error).toMatchObject({ code: "usage", hint: expect.stringMatching(/./) });
});
