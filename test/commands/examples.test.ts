import { describe, expect, test } from "vitest";
import { descendants, pathOf } from "../../src/cli/command-tree.ts";
import { loadProgram } from "../../src/cli/program.ts";
import { commandList } from "../../src/commands/index.ts";
import { createNodeHost } from "../../src/host/node-host.ts";
import { createHome } from "../support/home.ts";

const { root, invocation } = await loadProgram(createNodeHost(process), commandList);
const commands = descendants(root).filter(({ commands }) => commands.length === 0);

describe.each(commands.map((command) => ({ path: pathOf(command), command })))(
  "$path",
  ({ path, command }) => {
    const examples = invocation.examplesOf(command);

    test("shows up to four examples in its help", async () => {
      const { stdout } = await createHome().run([...path.split(" ").slice(1), "--help"]);
      expect(examples).not.toEqual([]);
      for (const { line } of examples) expect(line).toContain(path);
      const shown = [...stdout.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line);
      expect(shown).toEqual(examples.slice(0, 4).map(({ line }) => line));
    });

    test.each(examples)("$line", async ({ line, provider }) => {
      const { run, stdin } = await settle(provider);
      const interrupt = line.includes("serve") ? { interrupt: AbortSignal.abort("SIGTERM") } : {};
      expect(await run(wordsOf(line), { stdin, ...interrupt })).toMatchObject({ code: 0 });
    });
  },
);

/** The arguments after `tokctl`, as a shell would read them. */
const wordsOf = (line: string) => {
  const [, command = ""] = /tokctl (.*?)( < token\.txt|\))?$/.exec(line) ?? [];
  const words = command.match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^'(.*)'$/, "$1"));
};

const roles: Readonly<Record<string, string>> = { "ovh-ai": "read", osmo: "osmo-user" };

/** A home with a profile `work`, and tokens `ci` and `deploy` if tokens have names. */
async function settle(provider = "ovh-ai") {
  const home = createHome(provider);
  const role = roles[provider];
  if (role !== undefined) {
    expect(await home.login("-p work")).toMatchObject({ code: 0 });
    for (const name of ["ci", "deploy"]) await home.json(`token create ${name} -r ${role}`);
    const { id } = await home.json("token get ci");
    home.write(".env", `# tokctl CI_TOKEN id=${id}\nCI_TOKEN=x\n`);
  }
  const keys = ["application_key", "application_secret", "consumer_key"];
  home.write(".ovh.conf", `[ovh-eu]\n${keys.map((key) => `${key}=x`).join("\n")}`);
  // An API without a profile here is that of the environment.
  const place = role === undefined ? home.environment : {};
  home.write("job", "");
  const env = { ...place, GITHUB_ACTIONS: "true", GITHUB_ENV: home.path("job") };
  const run: typeof home.run = (words, options) =>
    home.run(
      [words].flat().map((word) => word.replace(/^~|\$HOME/, home.path(""))),
      { env, ...options },
    );
  return { run, stdin: home.bootstrap };
}
