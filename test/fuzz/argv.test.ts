import fc from "fast-check";
import { describe, expect } from "vitest";
import { describeCommands as readOff } from "../../src/cli/describe-commands.ts";
import { commandList } from "../../src/commands/index.ts";
import type { CommandNode, OptionNode, ValueNode } from "../../src/completion/tree.ts";
import { createNodeHost } from "../../src/host/node-host.ts";
import { type ProviderId, providerIds } from "../../src/providers/index.ts";
import { createLine } from "../support/create-lines.ts";
import { anyText, expectSound, freshSecret, fuzz, raw } from "../support/fuzz.ts";
import { createHome } from "../support/home.ts";
import { createTerminal } from "../support/terminal.ts";

/** Valid values by the name of the argument in help. */
const fitting: Readonly<Record<string, readonly string[]>> = {
  profile: ["work", "other", "../work"],
  provider: providerIds,
  url: ["http://127.0.0.1:8787", "https://api.example.test", "http://example.com", "ftp://x"],
  region: ["GRA", "BHS", "gra"],
  duration: ["0s", "30d", "1h", "99999w"],
  n: ["0", "1", "2", "-1"],
  role: ["read", "ai_training_operator", "osmo-user", "operator"],
  "name=value": ["group=A", "a=b=c", "=", "ovh/id=x", "a=b,c=d"],
  when: ["2027-01-01", "30d", "1999-01-01"],
  token: ["ci", "deploy", "nobody"],
  name: ["ci", "new", "a b"],
  code: ["usage", "4", "no_such"],
  command: ["token", "places", "exit-codes"],
  setting: ["url", "project", "caFile"],
  value: ["", "x", "https://api.example.test"],
};

/** Destinations that write no real secret anywhere. */
const destinations = [
  "nosuch:x",
  "file:",
  "file:-",
  "env-file:x",
  "command:",
  "command:true",
  "clipboard",
];

/** The content of existing files; SECRET is replaced by a secret. */
const files: Readonly<Record<string, string>> = {
  "token.txt": "SECRET\n",
  "empty.txt": "",
  "control.txt": "SECRET\x1b[31m",
};

const anyOf = (values: readonly string[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...values) }, anyText);

/** A value for an argument. Paths and destinations are harmless, since the commands really run. */
function wordFor({ kind, choices }: ValueNode): fc.Arbitrary<string> {
  if (kind === "secret") return fc.constantFrom("SECRET", "SECRET\x1b", "", " ");
  if (kind === "place") return fc.constantFrom(...destinations);
  if (kind === "path") return fc.constantFrom(...Object.keys(files), "missing.txt", "-", "", ".");
  // A browser sign-in waits for a person.
  return anyOf((choices ?? fitting[kind] ?? ["x"]).filter((each) => each !== "browser"));
}

/** An option in one of its spellings. */
const typed = ({ flags, value }: OptionNode): fc.Arbitrary<string[]> =>
  fc.constantFrom(...flags).chain((flag) =>
    value === undefined
      ? fc.constant([flag])
      : fc.oneof(
          { weight: 4, arbitrary: wordFor(value).map((text) => [flag, text]) },
          wordFor(value).map((text) => [
            flag.startsWith("--") ? `${flag}=${text}` : `${flag}${text}`,
          ]),
        ),
  );

interface Verb {
  readonly path: readonly string[];
  readonly node: CommandNode;
}

const verbsOf = (node: CommandNode, path: readonly string[]): readonly Verb[] =>
  node.commands.length === 0
    ? [{ path, node }]
    : node.commands.flatMap((each) => each.names.flatMap((name) => verbsOf(each, [...path, name])));

const tree = await readOff(createNodeHost(process), commandList);
// A sandbox serves until it is stopped.
const verbs = verbsOf(tree, []).filter(({ path }) => path[0] !== "sandbox");

const optionOf = (options: readonly OptionNode[]) =>
  options.length === 0 ? fc.constant([]) : fc.constantFrom(...options).chain(typed);

/** A command line, usually with the right number of arguments, and with options anywhere. */
const anyLine = fc.constantFrom(...verbs).chain(({ path, node }) =>
  fc
    .tuple(
      fc.tuple(...node.arguments.map((argument) => wordFor(argument).map((word) => [word]))),
      fc.array(
        fc.oneof(
          { weight: 5, arbitrary: optionOf(node.options) },
          { weight: 3, arbitrary: optionOf(tree.options) },
          anyText.map((word) => [word]),
        ),
        { maxLength: 3 },
      ),
      fc.constantFrom([], [], [], ["-o", "json"], ["--", "-x"]),
      fc.nat(),
    )
    .map(([words, options, end, shift]) => {
      const parts = [...words, ...options];
      const first = shift % (parts.length || 1);
      return [...path, ...[...parts.slice(first), ...parts.slice(0, first)].flat(), ...end];
    }),
);

/** Creates a home with two tokens and some files, one API in the environment and another in a profile. */
async function createUser(api: ProviderId) {
  const home = createHome(api);
  const secret = freshSecret();
  const env = { ...home.environment };
  home.keep("work", { provider: "ovh-ai", url: home.url });
  for (const [name, content] of Object.entries(files))
    home.write(name, content.replace("SECRET", secret));
  for (const name of ["ci", "deploy"]) await home.run(createLine(api, name), { env });
  const at = (word: string) =>
    word.replace(/^(\w+\.txt)$|(?<==)(\w+\.txt)$/, home.path).replace("SECRET", secret);
  return { home, env, secret, locate: (line: readonly string[]) => line.map(at) };
}

/** A secret if only options read stdin; a name if it may be read as names of tokens, which are printed. */
const stdinFor = (args: readonly string[], secret: string) =>
  args.some((word, i) => word === "-" && !args[i - 1]?.startsWith("--")) ? "ci" : secret;

const anyCase = fc.tuple(fc.constantFrom(...providerIds), anyLine);

describe("with any command line,", () => {
  fuzz(
    "a run ends with a known exit code and prints no secret",
    anyCase,
    80,
    async ([api, line]) => {
      const { home, env, secret, locate } = await createUser(api);
      const args = locate(line);
      const outcome = await home.run(args, { env, stdin: stdinFor(args, secret) });
      expectSound(outcome, args, { everywhere: [home.bootstrap, secret] });
    },
  );

  fuzz(
    "a run at a terminal where every prompt is answered with ^C does too",
    anyCase,
    40,
    async ([api, line]) => {
      const { home, env, secret, locate } = await createUser(api);
      const args = locate(line);
      const { terminal, screen } = createTerminal(
        ...Array.from({ length: 20 }, () => [/./, "\x03"] as const),
      );
      const outcome = await home.run([...args, "--no-color"], {
        env,
        stdin: stdinFor(args, secret),
        terminal,
      });
      expectSound(outcome, args, { everywhere: [home.bootstrap, secret] });
      expectSound({ code: 0, stdout: screen(), stderr: "" }, args, {
        everywhere: [home.bootstrap],
      });
    },
  );

  fuzz("completion prints no control characters", anyCase, 40, async ([api, line]) => {
    const { home, env, locate } = await createUser(api);
    for (const answer of await home.complete(locate(line), { env }))
      for (const part of answer?.split("\t") ?? []) expect(part).not.toMatch(raw);
  });
});
