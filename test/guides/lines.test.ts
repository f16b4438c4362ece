import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadProgram } from "../../src/cli/program.ts";
import { commandList } from "../../src/commands/index.ts";
import { createNodeHost } from "../../src/host/node-host.ts";
import { createHome } from "../support/home.ts";

// The lines in the `sh` blocks of the guides, in their order. `console` blocks are run by sessions.slow.test.ts,
// the scripts of docs/guide/ci.md by ci.test.ts.
const guides = ["docs/guide", "docs/migrate", "examples"];
const pagesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${folder}/${name}`);
const pages = ["README.md", ...guides.flatMap(pagesIn)].filter(
  (page) => page !== "docs/guide/ci.md",
);

const linesOf = (page: string) =>
  [...readFileSync(page, "utf8").matchAll(/^```sh\n(.*?)^```$/gms)]
    .flatMap(([, block = ""]) => block.split("\n"))
    // Any free port, because another program may use the one of the guide.
    .map((line) => line.replace(/\s+# .*/, "").replace(/--port \d+/, "--port 0"))
    .filter((line) => line.startsWith("tokctl "));

/** Lines that need a terminal or an interrupted operation. */
const failing: Readonly<Record<string, number>> = {
  "tokctl login": 2,
  "tokctl recover ci --on-lost keep": 3,
};

describe.each(pages.filter((page) => linesOf(page).length > 0))("%s", (page) => {
  test("its lines run", async () => {
    const run = await settle();
    for (const line of linesOf(page)) {
      const { code, stderr } = await run(line);
      expect({ line, code, stderr }).toMatchObject({ line, code: failing[line] ?? 0 });
    }
  });
});

const prose = [
  "README.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "docs",
  ...guides,
  "docs/decisions",
].flatMap((path) => (path.endsWith(".md") ? path : pagesIn(path)));

const { root } = await loadProgram(createNodeHost(process), commandList);

describe.each(prose)("%s", (page) => {
  test("commands in its text exist, with their options", () => {
    const text = readFileSync(page, "utf8").replaceAll(/^```.*?^```$/gms, "");
    for (const [, line = ""] of text.matchAll(/`tokctl ([^`]+)`/g)) {
      const [words = ""] = line.split(" -- ");
      let command: typeof root = root;
      for (const word of words.split(" ")) {
        if (command.commands.length === 0 || !/^[a-z]/.test(word)) break;
        const found = command.commands.find(
          (each) => each.name() === word || each.aliases().includes(word),
        );
        if (!found) throw new Error(`tokctl ${line}: there is no "${word}"`);
        command = found;
      }
      const options = ["--help", ...command.options.flatMap(({ short, long }) => [short, long])];
      for (const option of words.match(/(?<= )--?[a-z][\w-]*/g) ?? [])
        expect(options, line).toContain(option);
    }
  });
});

/** A home with a profile, a token `ci` and the files that the guides name. Returns a function that runs a line. */
async function settle() {
  const home = createHome();
  const credential = (id: string) =>
    home.sandbox.apis.find((api) => api.id === id)?.environment(home.origin)["TOKCTL_APP_TOKEN"];
  home.write("token.txt", home.bootstrap);
  for (const name of ["gh", "kubectl"])
    home.write(`bin/${name}`, "#!/bin/sh\ncat >/dev/null\n", 0o755);
  home.write(".ovh.conf", "[ovh-eu]\napplication_key=x\napplication_secret=x\nconsumer_key=x\n");
  const pem = (name: string) => readFileSync(`test/support/tls/${name}.pem`);
  home.write("company-root.pem", pem("authority"));
  home.write("client.pem", pem("client"));
  home.write("client.key", pem("key"));
  expect(await home.login("-p work")).toMatchObject({ code: 0 });
  await home.json("token create ci -r read");
  const env = { PATH: `${home.path("bin")}:${process.env["PATH"]}` };

  return (line: string) => {
    const words = (/tokctl (.*?)(?: < token\.txt)?$/.exec(line)?.[1] ?? "").match(/'[^']*'|\S+/g);
    const args = (words ?? []).map((word) =>
      word
        .replace(/^'(.*)'$/, "$1")
        .replace(
          /(?<=^|[: ])(?:~\/)?((?:token|tokens|secret|rotate|company-root|client)\.\w+|ci\.token|\.ovh\.conf|\.env)(?=$|#)/,
          (_, name) => home.path(name),
        ),
    );
    const api = args[0] === "login" ? args[1] : undefined;
    const stdin = line.endsWith("< token.txt") ? (credential(api ?? "ovh-ai") ?? "") : "";
    const interrupt = args.includes("serve") ? { interrupt: AbortSignal.abort("SIGTERM") } : {};
    return home.run(args, { env, stdin, ...interrupt });
  };
}
