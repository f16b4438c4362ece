import { describe, expect, test } from "vitest";
import { descendants, pathOf } from "../../src/cli/command-tree.ts";
import { loadProgram } from "../../src/cli/program.ts";
import { commandSynonyms, optionSynonyms } from "../../src/cli/suggestions/similar-words.ts";
import { commandList } from "../../src/commands/index.ts";
import { createNodeHost } from "../../src/host/node-host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";

/**
 * Command lines that users of other tools type, and the intended ones, which the error must suggest
 * and which must work. (One ends with 4, since a credential is not sent to another base URL.)
 */
const mistakes: readonly (readonly [typed: string, meant: string, code?: number])[] = [
  // Commands
  ["create new -r read", "token create new -r read"],
  ["list", "token list"],
  ["list tokens", "token list"],
  ["tokens list", "token list"],
  ["tokne list", "token list"],
  ["token lst", "token list"],
  ["token add new -r read", "token create new -r read"],
  ["token show ci", "token get ci"],
  ["get ci", "token get ci"],
  ["token regenerate ci", "token renew ci"],
  ["regenerate ci -q", "token renew ci -q"],
  ["delete ci", "token delete ci"],
  ["delete token ci", "token delete ci"],
  ["token destroy ci", "token delete ci"],
  ["ovhai token list", "token list"],
  ["token whoami", "whoami"],
  ["apps list", "app list"],
  ["app show hello-a", "app get hello-a"],
  ["describe app hello-a", "app get hello-a"],
  ["app deploy ubuntu", "app run ubuntu"],
  ["profiles", "profile"],
  ["use work", "profile use work"],
  ["profile switch work", "profile use work"],
  ["config show", "profile show"],
  ["auth logout", "logout"],
  ["version", "--version"],
  ["help create", "help token create"],
  ["help exit", "help exit-codes"],
  ["explain not-found", "explain not_found"],
  ["sandbox exec true", "sandbox exec -- true"],
  // Options
  ["-v", "--version"],
  ["token create --name new -r read", "token create new -r read"],
  ["token create new -r read --label a=b", "token create new -r read --label-selector a=b"],
  ["token create new -r read --json", "token create new -r read --output json"],
  ["token create new -role read", "token create new --role read"],
  ["token list --format=json", "token list --output json"],
  ["token list —o json", "token list -o json"],
  ["token delete ci --force", "token delete ci --yes"],
  ["token list -n 3", "token list --limit 3"],
  ["token list --context work", "token list --profile work"],
  ["token list -o", "token list -o text"],
  // Values
  ["token create new", "token create new -r ai_training_read"],
  ["token create new -r reader", "token create new -r ai_training_read"],
  ["token create new -r=read", "token create new -r ai_training_read"],
  ["token list -o jsn", "token list -o json"],
  ["token list --sort create", "token list --sort created"],
  ["-p wrok token list", "-p work token list"],
  ["profile use Work", "profile use work"],
  ["token roles --provider ovhai", "token roles --provider ovh-ai"],
  ["whoami --url http://gra.ai.cloud.ovh.net", "whoami --url https://gra.ai.cloud.ovh.net", 4],
  ["profile set ca-file /dev/null", "profile set caFile /dev/null"],
];

const words = (line: string) => line.split(" ");

describe("a mistake leads to the intended command", () => {
  const cases = mistakes.map(([typed, meant, code = 0]) => ({ typed, meant, code }));
  test.each(cases)("tokctl $typed: did you mean tokctl $meant", async ({ typed, meant, code }) => {
    const home = await settle();
    const wrong = await home.run(typed);
    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    const { code: error, hint = "" } = errorOf(wrong);
    expect(error).toBe("usage");
    expect(hint.split("\n").map((line) => line.replace(/^.*?(?=\btokctl )/, ""))).toContain(
      `tokctl ${meant}`,
    );
    const right = await home.run(words(meant).map((word) => word.replace(/^'(.*)'$/, "$1")));
    expect(right).toMatchObject({ code });
  });
});

describe("synonyms", () => {
  test("lead to existing commands and options", async () => {
    const { root } = await loadProgram(createNodeHost(process), commandList);
    const commands = descendants(root);
    const names = commands.flatMap((each) => [each.name(), pathOf(each).replace("tokctl ", "")]);
    for (const name of Object.keys(commandSynonyms)) expect(names).toContain(name);
    const flags = commands.flatMap(({ options }) =>
      options.flatMap(({ long, short }) => [long, short]),
    );
    for (const [typed, meant] of Object.entries(optionSynonyms))
      for (const each of meant.filter(Boolean))
        expect([typed, flags.includes(each.split(" ")[0])]).toEqual([typed, true]);
  });
});

test("a secret on a mistyped line is not printed", async () => {
  const home = await settle();
  for (const line of [
    "tokn list --app-token s3cr3t",
    "token list --app-tokn s3cr3t",
    "token list --app-tokn=s3cr3t",
    "token list -token=s3cr3t",
    "create new --password s3cr3t -r read",
    "token list --api-key s3cr3t",
    "token list --format=s3cr3t",
    "token list -o jsn --token s3cr3t",
    "token create new -r reader --app-token=s3cr3t",
  ]) {
    const { code, stdout, stderr } = await home.run(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toContain("s3cr3t");
  }
});

/** Signed in as `work`, with a token `ci`. */
async function settle() {
  const home = createHome();
  await home.login("-p work");
  await home.json("token create ci -r read");
  return home;
}
