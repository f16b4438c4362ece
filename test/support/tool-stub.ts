import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import type { Places } from "./places.ts";

/** A call of a stub. */
export interface StubCall {
  readonly args: readonly string[];
  readonly stdin: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The reply of a stub. */
interface StubReply {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Values that a stub keeps between its calls. */
export type StubState = Record<string, string>;

/**
 * Installs a program that records its calls, and replies as the tool does according to its
 * documentation.
 * @param reply runs in the process of the stub, so it uses only its parameters.
 */
export function installStub(
  places: Places,
  program: string,
  reply: (line: string, stdin: string, state: StubState) => StubReply,
) {
  const path = places.at(program);
  const stateFile = `${path}.state.json`;
  writeFileSync(stateFile, "{}");
  writeFileSync(
    path,
    `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
const stdin = readFileSync(0, "utf8");
appendFileSync(${JSON.stringify(`${path}.calls`)}, JSON.stringify({ args, stdin, env: process.env }) + "\\n");
const state = JSON.parse(readFileSync(${JSON.stringify(stateFile)}, "utf8"));
const { code = 0, stdout = "", stderr = "" } = (${reply})(args.join(" "), stdin, state);
writeFileSync(${JSON.stringify(stateFile)}, JSON.stringify(state));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
`,
  );
  chmodSync(path, 0o755);
  return {
    options: { env: { PATH: `${places.at("")}${delimiter}${process.env["PATH"]}` } },
    calls: (): readonly StubCall[] =>
      existsSync(`${path}.calls`)
        ? readFileSync(`${path}.calls`, "utf8")
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line))
        : [],
    state: (): StubState => JSON.parse(readFileSync(stateFile, "utf8")),
    set: (state: StubState) => writeFileSync(stateFile, JSON.stringify(state)),
  };
}
