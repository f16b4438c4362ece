import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { descendants, pathOf } from "../src/cli/command-tree.ts";
import { loadProgram } from "../src/cli/program.ts";
import { commandList } from "../src/commands/index.ts";
import { createNodeHost } from "../src/host/node-host.ts";
import type { Fetch } from "../src/host.ts";
import { type ProviderId, providerIds } from "../src/providers/index.ts";
import { createLine } from "./support/create-lines.ts";
import { createHome } from "./support/home.ts";

const schemas = new Map(
  readdirSync("schemas").map((file) => [file, JSON.parse(readFileSync(`schemas/${file}`, "utf8"))]),
);
// A type that may be null is no union to warn of.
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
addFormats.default(ajv);
for (const [file, schema] of schemas) ajv.addSchema(schema, file);

/** Validation errors of data for a schema; empty if it is valid. */
const faultsOf = (name: string, data: unknown) => {
  const validate = ajv.getSchema(`${name}.json`);
  if (!validate) throw new Error(`there is no schema ${name}`);
  return validate(data) ? [] : validate.errors;
};

/** A command line, the schema of its output, and its exit code. */
type Output = readonly [line: string, schema: string, code?: number];

/** Commands of every provider. SPEC is replaced by the options of a token, TOKEN by an existing token. */
const ofTokens: readonly Output[] = [
  ["token create SPEC", "issued-token"],
  ["token create SPEC --to command:cat --to command:false", "sent-token", 9],
  ["token get TOKEN", "token"],
  ["token list", "token-list"],
  ["token export csv", "token-export"],
  ["token renew TOKEN -y", "issued-token"],
  ["token renew TOKEN -y --to command:cat", "sent-token"],
  ["token where --to file:no-such-file", "destination-records", 3],
  ["token roles", "roles"],
  ["token roles TOKEN", "assigned-roles"],
  ["token delete TOKEN -y", "deletions"],
  ["token delete TOKEN nosuch -y", "deletions", 9],
  ["token delete TOKEN nosuch -y --missing-ok", "deletions"],
  ["token delete --all --dry-run", "token-list"],
  ["token renew --all --dry-run", "token-list"],
  ["token renew --all -y", "renewed-tokens"],
  ["token renew - -y --to command:cat", "renewed-tokens"],
  ["whoami", "whoami"],
];

/** Options for optional attributes of a token, by API. */
const attributes = {
  "ovh-ai": "-l group=A",
  osmo: "--expires-at 30d --description nightly",
  "ovh-cloud": "-l group=A",
  "ovh-serving": "",
} as const satisfies Record<ProviderId, string>;

const ofResources = [
  ["app", "hello-a"],
  ["job", "training"],
  ["notebook", "exploration"],
].flatMap(([kind, name]): readonly Output[] => [
  [`${kind} list`, "resource-list"],
  [`${kind} get ${name}`, "resource"],
  [`${kind} set-label ${name} group B`, "resource"],
  [`${kind} run image -l group=A`, "resource"],
  [`${kind} stop ${name} -y`, "resource"],
  [`${kind} start ${name}`, "resource"],
  [`${kind} delete ${name} -y`, "deletions"],
]);

/** Commands with a profile `work`. */
const others: readonly Output[] = [
  ...ofResources,
  ["token create ci --preview -r read -l group=A", "reach"],
  ["token reach deploy", "reach"],
  ["token rotate ci -r read --now --to env-file:HOME/.env#CI --adopt", "rotation"],
  ["token rotate ci -r read --now --to env-file:HOME/.env#CI --dry-run", "rotation"],
  [
    "token rotate ci -r read --now --to env-file:HOME/.env#CI --to command:false --state HOME/state.json",
    "rotation",
    9,
  ],
  ["token check --app-token-file -", "check"],
  ["token check --app-token-file - --at ORIGIN/v1/me", "check"],
  ["token check --app-token wrong", "check", 4],
  ["login ovh-ai URL --app-token-file - -p other", "login"],
  ["logout", "logout"],
  ["profile list", "profile-list"],
  ["profile use work", "profile"],
  ["profile show", "settings"],
  ["profile set caFile /etc/ssl/company.pem", "profile"],
  ["profile remove work -y", "removed-profile"],
  ["profile import HOME/.ovh.conf -y", "imported-profiles"],
  ["recover", "recoveries"],
  ["doctor", "examination"],
  ["doctor --url http://127.0.0.1:1", "examination", 4],
  ["explain not_found", "explanation"],
  ["completion bash", "completion-script"],
  ["completion bash --install", "completion-installation"],
];

/** What prints text for people, or another program's. */
const withoutData = ["help", "sandbox serve", "sandbox exec", "token run"];

describe("the schemas", () => {
  test.each([...schemas])("%s describes every key and allows no other", (_, schema) => {
    expect(schema).toMatchObject({ $schema: expect.stringContaining("2020-12") });
    for (const { properties, required, additionalProperties } of objectsIn(schema)) {
      expect(required ?? []).toEqual(Object.keys(properties ?? {}));
      expect(additionalProperties).toEqual(properties ? false : { type: "string" });
    }
  });

  test("exist for every command, and each belongs to a command", async () => {
    const { root } = await loadProgram(createNodeHost(process), commandList);
    const commands = descendants(root)
      .filter(({ commands }) => commands.length === 0)
      .map((command) => pathOf(command).replace("tokctl ", ""));
    const outputs = [...ofTokens, ...others];
    const undescribed = commands.filter(
      (command) => !outputs.some(([line]) => `${line} `.startsWith(`${command} `)),
    );
    expect(undescribed.sort()).toEqual([...withoutData].sort());
    const used = new Set(["error", ...outputs.map(([, schema]) => schema)]);
    expect([...schemas.keys()]).toEqual([...used].map((name) => `${name}.json`).sort());
  });
});

describe.each(providerIds)("what %s prints", (api) => {
  const specOf = (name: string) =>
    [createLine(api, name).replace("token create ", ""), attributes[api]].filter(Boolean).join(" ");
  test.each(ofTokens.map(named))("$line matches $schema", async ({ line, schema, code }) => {
    const { run, json, environment: env } = createHome(api);
    const { id } = await json(`token create ${specOf("deploy")}`, { env });
    const words = line.replace("SPEC", specOf("ci")).replace("TOKEN", id);
    const { stdout, ...outcome } = await run(`${words} -o json`, { env });
    expect(outcome).toMatchObject({ code });
    expect(faultsOf(schema, JSON.parse(stdout))).toEqual([]);
  });

  test.each(["token get nosuch", "token list --app-token wrong", "token nosuch"])(
    "%s fails with an error that matches error.json",
    async (line) => {
      const { run, environment: env } = createHome(api);
      const { stdout, stderr } = await run(`${line} -o json`, { env });
      expect(stdout).toBe("");
      expect(faultsOf("error", JSON.parse(stderr))).toEqual([]);
    },
  );
});

describe("output with a profile", () => {
  test.each(others.map(named))("$line matches $schema", async ({ line, schema, code }) => {
    const home = createHome();
    await home.login("-p work");
    await createHalf(home);
    const keys = ["application_key", "application_secret", "consumer_key"];
    home.write(".ovh.conf", `[ovh-eu]\n${keys.map((key) => `${key}=x`).join("\n")}`);
    const words = line
      .replace("URL", home.url)
      .replace("ORIGIN", home.origin)
      .replace("HOME", home.path(""));
    const { stdout, ...outcome } = await home.run(`${words} -o json`, { stdin: home.bootstrap });
    expect(outcome).toMatchObject({ code });
    expect(faultsOf(schema, JSON.parse(stdout))).toEqual([]);
  });
});

/** Creates a token, and goes no further, as if the run had been killed. */
const createHalf = ({ run, sandbox }: ReturnType<typeof createHome>) =>
  new Promise<void>((resolve) => {
    const fetch: Fetch = async (url, init) => {
      const reply = await sandbox.request(url, init);
      return init.method === "POST" ? new Promise(() => resolve()) : reply;
    };
    const process = { id: 7, machine: "here" };
    void run("token create deploy -r read -l group=A", { fetch, process });
  });

const named = ([line, schema, code = 0]: Output) => ({ line, schema, code });

interface ObjectSchema {
  readonly type: "object" | readonly string[];
  readonly properties?: object;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
}

/** Every description of an object in a schema, however deep. */
function objectsIn(schema: unknown): readonly ObjectSchema[] {
  if (typeof schema !== "object" || schema === null) return [];
  const inside = Object.values(schema).flatMap(objectsIn);
  return isObjectSchema(schema) ? [schema, ...inside] : inside;
}

const isObjectSchema = (schema: object): schema is ObjectSchema =>
  "type" in schema && [schema.type].flat().includes("object");
