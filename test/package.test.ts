import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { load } from "js-yaml";
import { publint } from "publint";
import { expect, onTestFinished, test } from "vitest";
import { run, useProject } from "./support/package.ts";
import { serveSandbox } from "./support/spawn.ts";

const project = useProject();

const readTarball = async () => new Uint8Array(await readFile(project().tarball));

test("publint and attw find no problems in the package", async () => {
  const tarball = await readTarball();
  const { messages } = await publint({ pack: { tarball: tarball.buffer }, strict: true });
  expect(messages).toEqual([]);
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  const problems = analysis.types ? analysis.problems : ["it has no types"];
  // The package is an ES module, so module resolutions that can't load one are ignored.
  const elsewhere = ["node10", "node16-cjs"];
  expect(
    problems.filter(
      (problem) =>
        typeof problem === "string" ||
        !("resolutionKind" in problem && elsewhere.includes(problem.resolutionKind)),
    ),
  ).toEqual([]);
});

/** Files that users need to run, import or read about the package. */
const needed = [
  /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  /^bin\/(tokctl\.js|package\.json)$/,
  /^completions\/[\w.]+$/,
  /^dist\/([\w-]+|chunks\/[\w-]+)\.c?js$/,
  /^dist\/licences\.txt$/,
  /^dist\/types\/src\/((core|host)\/)?[\w-]+\.d\.ts$/,
  /^man\/[\w-]+\.1$/,
  /^schemas\/[\w-]+\.json$/,
];

test("the package has only the needed files", async () => {
  const root = "/node_modules/tokctl/";
  const files = createPackageFromTarballData(await readTarball())
    .listFiles()
    .map((path) => path.slice(root.length));
  expect(files.filter((path) => !needed.some((rule) => rule.test(path)))).toEqual([]);
  expect(needed.filter((rule) => !files.some((path) => rule.test(path)))).toEqual([]);
});

test("npm installs the command and its manual pages", async () => {
  const { folder, tarball } = project();
  const prefix = join(folder, "prefix");
  const options = ["--prefix", prefix, "--offline", "--omit=optional", "--ignore-scripts"];
  await run("npm", ["install", "--global", ...options, "--no-audit", "--no-fund", tarball]);
  expect(await readdir(join(prefix, "bin"))).toEqual(["tokctl"]);
  const pages = await readdir(join(prefix, "share/man/man1"));
  expect(pages.toSorted()).toEqual((await readdir("man")).toSorted());
});

test("the package runs without other packages", async () => {
  const { folder, program } = project();
  const { env, close } = await serveSandbox();
  onTestFinished(() => close());
  const tokctl = async (...args: readonly string[]) =>
    (await run(process.execPath, [program, ...args], { cwd: folder, env })).stdout;
  expect(await tokctl("token", "create", "ci", "-r", "read", "-q")).toMatch(/^\S+\n$/);
  expect(load(await tokctl("token", "list", "-o", "yaml"))).toMatchObject([{ name: "ci" }]);
});

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions: Readonly<Record<string, string>>;
        readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
      }
    >
  >;
}

test("the publish workflow has minimal permissions and pinned actions", async () => {
  const text = await readFile(".github/workflows/publish.yml", "utf8");
  const { permissions, jobs } = load(text) as Workflow;
  expect(permissions).toEqual({});
  expect(Object.values(jobs).map((job) => job.permissions)).toEqual([
    { contents: "read" },
    { "id-token": "write" },
  ]);
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  const actions = steps.flatMap(({ uses }) => uses ?? []);
  expect(actions.filter((action) => !/^actions\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  // Only where nothing of it can be signed.
  expect(jobs["publish"]?.steps.flatMap(({ run }) => run ?? [])).toEqual([
    "npm publish ./tokctl-*.tgz --provenance",
  ]);
});
