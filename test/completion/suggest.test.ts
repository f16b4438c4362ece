import { beforeAll, expect, test } from "vitest";
import { describeCommands as describeProgram } from "../../src/cli/describe-commands.ts";
import { commandList } from "../../src/commands/index.ts";
import type { CommandNode } from "../../src/completion/tree.ts";
import { sources } from "../../src/completion/values.ts";
import { profileKeys } from "../../src/core/profile.ts";
import { createNodeHost } from "../../src/host/node-host.ts";
import { providers } from "../../src/providers/index.ts";
import { sinkKinds } from "../../src/sinks/index.ts";
import { createHome } from "../support/home.ts";
import { createWorld } from "../support/world.ts";

const values = (lines: readonly (string | undefined)[]) =>
  lines.map((line) => line?.split("\t")[0]);

test.each([
  ["", ["token", "profile", "whoami", "completion"]],
  ["token ", ["create", "get", "list", "renew", "delete"]],
  ["-p x token ", ["create", "delete"]],
  ["--output=json -q token ", ["create", "delete"]],
  ["sandbox ", ["serve", "exec"]],
  ["help ", ["token", "exit-codes"]],
  ["help token ", ["create", "delete"]],
  ["explain ", ["usage", "not_found"]],
  ["login osmo --method ", ["token", "dev"]],
  ["profile set ", profileKeys],
])("`tokctl %s` offers %j and others", async (line, expected) => {
  const offered = values(await createWorld().complete(line));
  expect(offered).toEqual(expect.arrayContaining([...expected]));
  expect(offered).not.toContain("--help");
});

const ids = providers.map(({ id }) => id);
const roles = ["ai_training_read", "ai_training_operator", "quantum_reader", "quantum_operator"];

test.each([
  ["token list --sort ", ["name", "-name", "created", "-created", "expires", "-expires"]],
  ["token ls --status=", ["--status=active", "--status=expired"]],
  ["token list -oj", ["-otext", "-odescription", "-ojson", "-oyaml"]],
  ["-t ", ["text", "description", "json", "yaml"]],
  ["--provider ", ids],
  ["login ", ids],
  ["sandbox exec --api ", ids],
  ["login ovh-ai --region ", ["GRA", "BHS"]],
  ["token list --region ", ["GRA", "BHS"]],
  ["token create ci -r ", roles],
  ["token create ci -r ai_training_read -r ", roles.slice(1)],
  ["token create ", []],
  ["token create ci ", []],
  ["--provider ovh-serving token list --role ", ["model-evaluation", "model-management"]],
  [
    "token set ci -r osmo-user --provider osmo ",
    ["osmo-default", "osmo-ctrl", "osmo-backend", "osmo-admin"],
  ],
  ["completion ", ["bash", "zsh", "fish", "powershell"]],
  ["token create ci --to ", sinkKinds.map(({ name, form }) => (form === name ? name : `${name}:`))],
  ["token renew ci --to=file:/t", ["files --to=file:"]],
  ["token renew ci --to env-file:", ["files env-file:"]],
  ["token renew ci --to command:", ["programs"]],
  ["--app-token-file ", ["files "]],
  ["--ca-file=", ["files --ca-file="]],
  ["profile import ", ["files "]],
  ["sandbox serve --seed ", ["files "]],
  ["sandbox exec -- ", ["programs"]],
  ["sandbox exec -- cat ", ["files "]],
  ["token run ", []],
  ["token run ci -r ", roles],
  ["token run -- ", ["programs"]],
  ["token run ci -r ai_training_read -- ", ["programs"]],
  ["token run ci -r ai_training_read -- cat ", ["files "]],
  ["help nothing ", []],
  ["token nothing ", []],
  ["nothing ", []],
  ["token list --url ", []],
])("`tokctl %s` offers %j", async (line, expected) => {
  expect(values(await createWorld().complete(line))).toEqual(expected);
});

test("aliases of commands are offered only after a character is typed", async () => {
  const world = createWorld();
  expect(values(await world.complete("token r"))).toContain("revoke");
  expect(values(await world.complete("token "))).not.toContain("revoke");
});

test("options are offered after a dash, and if a command has no arguments", async () => {
  const world = createWorld();
  const offered = values(await world.complete("token list "));
  expect(offered).toEqual(values(await world.complete("token list -")));
  expect(offered).toEqual(expect.arrayContaining(["--role", "--limit", "--output", "--help"]));
  expect(values(await world.complete("token delete -- -"))).toEqual([]);
  expect(values(await world.complete("sandbox --p"))).toContain("--port");
});

test("a complete option is offered", async () => {
  expect(values(await createWorld().complete("token list -o"))).toContain("-o");
});

test("options that are given, not supported or aliases are not offered", async () => {
  const world = createWorld();
  const offered = values(await world.complete("token create -q -r ai_training_read -"));
  expect(offered).toEqual(expect.arrayContaining(["--role", "--label-selector"]));
  for (const flag of ["--quiet", "--description", "--user", "--roles", "--format-type"])
    expect(offered).not.toContain(flag);
  expect(values(await world.complete("--provider osmo token create -"))).toContain("--expires-at");
  expect(values(await world.complete("-t json token list -"))).not.toContain("--output");
});

test("profiles are described by provider and URL, and invalid ones are offered too", async () => {
  const home = createHome();
  home.keep("work", { provider: "osmo", url: "https://osmo.example.com" });
  home.write("profiles/broken.json", "{");
  expect(await home.complete("profile use ")).toEqual([
    "broken\tbroken",
    "work\tosmo, https://osmo.example.com",
  ]);
  expect(values(await home.complete("token list -p "))).toEqual(["broken", "work"]);
});

test("the current profile decides which roles are offered", async () => {
  const home = createHome();
  home.keep("work", { provider: "osmo", url: "https://osmo.example.com" });
  expect(values(await home.complete("-p work token create ci -r "))).toContain("osmo-user");
  const env = { TOKCTL_PROFILE: "work" };
  expect(values(await home.complete("token create ci -r ", { env }))).toContain("osmo-user");
  await home.run("profile use work");
  expect(values(await home.complete("token create ci -r "))).toContain("osmo-user");
});

test("without a provider the roles and regions of all providers are offered, with their providers", async () => {
  const home = createHome();
  const offered = await home.complete("token create ci -r ");
  expect(offered).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^ai_training_read\tovh-ai, ovh-cloud: ./),
      expect.stringMatching(/^osmo-user\tosmo: ./),
      expect.stringMatching(/^model-evaluation\tovh-serving: ./),
    ]),
  );
  for (const replaced of ["read", "operator"]) expect(values(offered)).not.toContain(replaced);
  expect(new Set(values(offered)).size).toBe(offered.length);
  expect(await home.complete("token list --region ")).toEqual([
    "GRA\tovh-ai: https://gra.ai.cloud.ovh.net",
    "BHS\tovh-ai: https://bhs.ai.cloud.ovh.net",
  ]);
  expect(await home.complete("--region GRA token list --role quantum_r")).toContainEqual(
    expect.stringMatching(/^quantum_reader\tovh-ai, ovh-cloud: ./),
  );
});

test("any command line can be completed", async () => {
  const world = createWorld();
  for (const words of [
    [],
    ["--"],
    ["--", ""],
    ["-"],
    ["--=x", ""],
    ["-o"],
    ["\0", ""],
    ["--nope=", "-zz", ""],
  ])
    await world.complete(words);
});

/** Arguments with free text, which have no completions. */
const free = [
  "entry",
  "url",
  "id",
  "secret",
  "user",
  "duration",
  "time",
  "rule",
  "text",
  "when",
  "pattern",
  "columns",
  "name=value",
  "n",
  "name",
  "value",
  "image",
  "words",
  "app",
  "job",
  "notebook",
  "address",
  "variable",
];

let tree: CommandNode;
beforeAll(async () => {
  tree = await describeProgram(createNodeHost(process), commandList);
});

test("each placeholder is completed or listed as free text", () => {
  const walk = (node: CommandNode): readonly string[] => [
    ...[...node.arguments, ...node.options.flatMap(({ value }) => value ?? [])].flatMap(
      ({ kind, choices }) => (choices ? [] : kind),
    ),
    ...node.commands.flatMap(walk),
  ];
  const known = [...Object.keys(sources), "path", "program", ...free];
  expect(walk(tree).filter((kind) => !known.includes(kind))).toEqual([]);
  expect([...new Set(walk(tree))]).toEqual(expect.arrayContaining(Object.keys(sources)));
});
