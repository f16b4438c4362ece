import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectSound, fuzz } from "../support/fuzz.ts";
import { createHome } from "../support/home.ts";
import { createWorld } from "../support/world.ts";

/** The properties that every object inherits. */
const inherited = [...Object.getOwnPropertyNames(Object.prototype), "prototype", "length", "name"];

/** Returns an unknown word of the same form. */
const strangerTo = (word: string) => (word.startsWith("_") ? "__qqzzxx__" : "qqzzxx");

/** Command lines; W is replaced by a word. */
const lines = [
  ...["--W", "--W=x", "W", "token W", "help W", "explain W", "completion W", "-o W token list"],
  ...["token roles --W", "token list --W=x", "token list --role W", "token list --sort W"],
  ...["token list --status W", "token list --filter W", "token create x -r W", "tokn list --W"],
  ...["token create x -r read --to W:x", "token create x -r read --W", "token delete W -y"],
  ...["token get W", "token renew W", "token reach W", "app get W", "app W", "app open W"],
  ...["login W", "login ovh-ai --method W", "profile show -p W", "profile use W", "profile get W"],
  ...["profile set W x -p work", "profile remove W -y", "token list --provider W"],
  ...["token list --provider ovh-ai --region W", "sandbox exec --api W -- true", "W --help"],
];

const environment = ["TOKCTL_PROVIDER", "TOKCTL_REGION", "TOKCTL_PROFILE", "TOKCTL_OUTPUT"];
const variables = [...environment, "TOKCTL_CREDENTIAL_STORE", "OVH_ENDPOINT"];

/** Runs a command line in a home with a profile, and returns the exit code. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const home = createHome();
  home.keep("work", { provider: "ovh-ai", url: home.url });
  const outcome = await home.run(args, { env });
  expectSound(outcome, args);
  expect(`${outcome.stdout}${outcome.stderr}`).not.toMatch(/native code|\[object/);
  return outcome.code;
}

describe("an inherited property is as unknown as any other word:", () => {
  fuzz(
    "on the command line",
    fc.tuple(fc.constantFrom(...inherited), fc.constantFrom(...lines)),
    150,
    async ([word, line]) => {
      const codeWith = (word: string) => run(line.replace("W", word).split(" "));
      expect(await codeWith(word)).toBe(await codeWith(strangerTo(word)));
    },
  );

  fuzz(
    "in the environment",
    fc.tuple(
      fc.constantFrom(...inherited),
      fc.constantFrom(...variables),
      fc.constantFrom("token list", "whoami", "profile list", "profile show", "logout", "doctor"),
    ),
    60,
    async ([word, variable, line]) => {
      const codeWith = (word: string) => run(line.split(" "), { [variable]: word });
      expect(await codeWith(word)).toBe(await codeWith(strangerTo(word)));
    },
  );

  fuzz(
    "for completion",
    fc.tuple(
      fc.constantFrom(...inherited),
      fc.constantFrom("--W ", "token W ", "W ", "token roles --W ", "login W ", "help W "),
    ),
    40,
    async ([word, line]) => {
      const home = createHome();
      const answerTo = (word: string) => home.complete(line.replace("W", word).split(" "));
      expect(await answerTo(word)).toEqual(await answerTo(strangerTo(word)));
    },
  );
});

test.each(inherited)("accepts the label name %s from a client and from a server", async (name) => {
  const world = createWorld();
  const { id } = await world.json(["app", "run", "img", "-l", `${name}=1`]);
  await world.json(["app", "set-label", id, "other", "2"]);
  const labelsOf = async () => new Map(Object.entries((await world.json(`app get ${id}`)).labels));
  expect(await labelsOf()).toEqual(
    new Map([
      [name, "1"],
      ["other", "2"],
      ["ovh/id", id],
      ["ovh/type", "app"],
    ]),
  );
  const reach = await world.json(["token", "create", "t", "-r", "read", "-l", `${name}=1`]);
  expect(reach.labelSelector).toBe(`${name}=1`);
  await world.json(["app", "set-label", id, name, "--delete"]);
  expect((await labelsOf()).has(name)).toBe(false);
});

test.each(["constructor", "toString", "valueOf"])("accepts the profile name %s", async (name) => {
  const home = createHome();
  expect(await home.run(`profile use ${name}`)).toMatchObject({ code: 2 });
  expect((await home.login(`-p ${name}`)).code).toBe(0);
  expect((await home.json("profile list")).map((each: { name: string }) => each.name)).toEqual([
    name,
  ]);
  expect((await home.run("whoami")).code).toBe(0);
  expect((await home.run(`logout -p ${name}`)).code).toBe(0);
});

test.each(inherited)("rejects %s in OVH_ENDPOINT", async (name) => {
  const env = {
    OVH_ENDPOINT: name,
    OVH_APPLICATION_KEY: "key",
    OVH_APPLICATION_SECRET: "s3cr3t-a",
    OVH_CONSUMER_KEY: "s3cr3t-b",
  };
  const home = createHome();
  const args = ["token", "list", "--provider", "ovh-cloud", "--project", "p", "--region", "GRA"];
  const outcome = await home.run([...args, "-o", "json"], { env });
  expect(JSON.parse(outcome.stderr).error.code).toBe("usage");
  expect(home.requests).toEqual([]);
});
