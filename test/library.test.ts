import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { expect, onTestFinished, test } from "vitest";
import { type ClientOptions, createClient, InterruptedError, UsageError } from "../src/index.ts";
import { serveSandbox } from "./support/spawn.ts";
import { createWorld } from "./support/world.ts";

const run = promisify(execFile);

/** A folder of somebody who has installed the package. */
function createProject() {
  const folder = mkdtempSync(join(tmpdir(), "tokctl-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(process.cwd(), join(folder, "node_modules", "tokctl"));
  return folder;
}

const example = () => /```js\n(.*?)```/s.exec(readFileSync("docs/library.md", "utf8"))?.[1] ?? "";

test("the example of docs/library.md runs against the sandbox", async () => {
  const folder = createProject();
  const { env, close } = await serveSandbox();
  onTestFinished(() => close());
  writeFileSync(join(folder, "example.mjs"), example());
  const { stdout } = await run(process.execPath, ["example.mjs"], { cwd: folder, env });
  expect(stdout).toMatch(
    /^made ci, a secret of \d+ characters\nci: ai_training_read, active\nit is gone \(not_found\)\n$/,
  );
});

test("its types are those of a strict program", async () => {
  const folder = createProject();
  const strict = example().replaceAll(/process\.env\.(\w+)/g, 'process.env.$1 ?? ""');
  const wrong = "// @ts-expect-error: there is no such option\nawait createClient({ tokn: 1 });\n";
  writeFileSync(join(folder, "example.mts"), `${strict}${wrong}`);
  symlinkSync(join(process.cwd(), "node_modules/@types"), join(folder, "node_modules/@types"));
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

test("the package is one that publint and attw find nothing wrong with", async () => {
  const folder = createProject();
  const pack = ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder];
  const { stdout } = await run("npm", pack);
  const tarball = new Uint8Array(readFileSync(join(folder, stdout.trim())));
  const { messages } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  expect(messages).toEqual([]);
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  const problems = analysis.types ? analysis.problems : ["it has no types"];
  // It is an ES module: what can't load one is out of account.
  const elsewhere = ["node10", "node16-cjs"];
  expect(
    problems.filter(
      (problem) =>
        typeof problem === "string" ||
        !("resolutionKind" in problem && elsewhere.includes(problem.resolutionKind)),
    ),
  ).toEqual([]);
});

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
])("it makes, lists, renews and deletes tokens of %s", async (api, spec, place) => {
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
  ["no address", { url: undefined }],
  ["an address that is none", { url: "gra" }],
  ["an empty credential", { credential: " " }],
])("it refuses %s before anything is sent", async (_, wrong) => {
  const world = createWorld();
  await expect(createClient({ ...options(world), ...wrong })).rejects.toThrow(UsageError);
});

test("it ends with the signal, and says what went wrong by a code", async () => {
  const given = options(createWorld());
  const refused = await createClient({ ...given, credential: "wrong" });
  await expect(refused.list()).rejects.toMatchObject({ code: "unauthenticated" });
  const stopped = await createClient({ ...given, fetch: undefined, signal: AbortSignal.abort() });
  await expect(stopped.list()).rejects.toThrow(InterruptedError);
});
