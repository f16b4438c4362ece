// Measures time and memory of long lists and of many deletions, against the sandbox:
// `npm run bench:scale -- [--rounds N] [--json FILE]`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median, printTable } from "./report.js";
import { startSandbox } from "./sandbox.js";

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, json: { type: "string" } },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a whole number from 1");

const sizes = [1000, 10_000, 100_000];
const deletions = 1000;
/** The share of deletions that the server rejects with 429. */
const rejected = 0.02;

const tokctl = fileURLToPath(new URL("../bin/tokctl.js", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "tokctl-bench-"));
const running = new Set();
try {
  const reporter = join(folder, "peak-memory.cjs");
  await writeFile(
    reporter,
    `process.on("exit", () => require("fs").writeSync(3, String(process.resourceUsage().maxRSS)));`,
  );
  /** Starts a sandbox with tokens. Returns the variables for each API. */
  async function start(tokens, ...more) {
    const { url, appToken, stop } = await startSandbox(tokctl, "--tokens", String(tokens), ...more);
    running.add(stop);
    const variables = { TOKCTL_URL: url };
    return {
      "ovh-ai": { ...variables, TOKCTL_PROVIDER: "ovh-ai", TOKCTL_APP_TOKEN: appToken },
      osmo: { ...variables, TOKCTL_PROVIDER: "osmo", TOKCTL_USER_HEADER: "testuser" },
      stop() {
        running.delete(stop);
        stop();
      },
    };
  }

  /** Runs the program and returns its duration, its maximum memory and its output. */
  async function run(args, env) {
    const started = process.hrtime.bigint();
    const child = spawn(process.execPath, ["-r", reporter, tokctl, ...args], {
      env: { ...process.env, TOKCTL_CACHE_DIR: folder, TOKCTL_CONFIG_DIR: folder, ...env },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const ended = once(child, "close");
    const [printed, said, peak] = await Promise.all(child.stdio.slice(1).map(read));
    const [code] = await ended;
    if (code !== 0) throw new Error(`${args.slice(0, 4).join(" ")} ended with ${code}: ${said}`);
    const milliseconds = Number(process.hrtime.bigint() - started) / 1e6;
    return { milliseconds, peakMiB: Number(peak) / 1024, printed };
  }

  function summarize(name, tokens, runs) {
    const milliseconds = median(runs.map((each) => each.milliseconds));
    const peakMiB = Math.max(...runs.map((each) => each.peakMiB));
    return { name, tokens, milliseconds, peakMiB };
  }

  async function measureLists(size) {
    const { stop, ...apis } = await start(size);
    const measured = [];
    for (const [provider, formats] of [
      ["ovh-ai", ["json", "yaml", "text"]],
      ["osmo", ["json", "text"]],
    ])
      for (const format of formats) {
        const runs = [];
        for (let round = 0; round < rounds; round++)
          runs.push(await run(["token", "list", "-o", format], apis[provider]));
        measured.push(summarize(`${provider}: token list -o ${format}`, size, runs));
      }
    stop();
    return measured;
  }

  /** Measures deleting all tokens of a sandbox. */
  async function measureDeletions(name, size, ...more) {
    const runs = [];
    for (let round = 0; round < rounds; round++) {
      const { "ovh-ai": env, stop } = await start(size, ...more);
      const { printed } = await run(["token", "list", "-q"], env);
      runs.push(await run(["token", "delete", "-y", "-q", ...printed.trimEnd().split("\n")], env));
      stop();
    }
    return summarize(name, size, runs);
  }

  const results = [];
  for (const size of [1, ...sizes]) results.push(...(await measureLists(size)));
  for (const [name, ...more] of [
    ["ovh-ai: token delete"],
    [
      `ovh-ai: token delete (${rejected * 100} % rejected with 429)`,
      "--fail",
      `DELETE /v1/token/*:429:${rejected}`,
    ],
  ])
    for (const size of [1, deletions]) results.push(await measureDeletions(name, size, ...more));

  const figures = results
    .filter(({ tokens }) => tokens > 1)
    .map((result) => {
      // Subtract the start of the program.
      const start = results.find(({ name, tokens }) => name === result.name && tokens === 1);
      const microsecondsPerToken =
        ((result.milliseconds - start.milliseconds) / result.tokens) * 1000;
      return { ...result, microsecondsPerToken };
    });
  printTable([
    ["", "tokens", "ms", "µs a token", "MiB at most"],
    ...figures.map(({ name, tokens, milliseconds, microsecondsPerToken, peakMiB }) => [
      name,
      String(tokens),
      milliseconds.toFixed(0),
      microsecondsPerToken.toFixed(1),
      peakMiB.toFixed(0),
    ]),
  ]);
  if (options.json !== undefined)
    await writeFile(
      options.json,
      `${JSON.stringify({ node: process.version, rounds, figures }, null, 2)}\n`,
    );
} finally {
  for (const stop of running) stop();
  await rm(folder, { recursive: true, force: true });
}

async function read(stream) {
  let text = "";
  for await (const chunk of stream.setEncoding("latin1")) text += chunk;
  return text;
}
