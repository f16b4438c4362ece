// Times the program against an empty one, then its sandbox: `npm run bench -- [--rounds N] [--json FILE]`.
// The runs are interleaved, so that a busy moment of the machine hits all of them alike.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measureSandbox, sizes } from "./bench-sandbox.js";
import { median, printTable } from "./report.js";
import { startSandbox } from "./sandbox.js";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    json: { type: "string" },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a whole number from 1");
const warmUps = 2;
const memoryRounds = 3;
const turns = 5;

const tokctl = fileURLToPath(new URL("../bin/tokctl.js", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "tokctl-bench-"));
const sandbox = await startSandbox(tokctl);
try {
  const empty = join(folder, "empty.mjs");
  await writeFile(empty, "");
  const reporter = join(folder, "peak-memory.cjs");
  await writeFile(
    reporter,
    `process.on("exit", () => require("fs").writeSync(3, String(process.resourceUsage().maxRSS)));`,
  );
  const { url, appToken } = sandbox;
  const place = ["--provider", "ovh-ai", "--url", url, "--app-token", appToken];
  // Something to list: an empty one would not load what draws the table.
  run([tokctl, "token", "create", "ci", "-r", "ai_training_read", ...place], { stdio: "ignore" });
  // The same by a profile, which is read at each start.
  process.env.TOKCTL_CONFIG_DIR = join(folder, "config");
  process.env.TOKCTL_CACHE_DIR = join(folder, "cache");
  process.env.TOKCTL_COMPLETE_OFFLINE = "1";
  run([tokctl, "login", "ovh-ai", url, "--app-token", appToken], { stdio: "ignore" });
  run([tokctl, "token", "list"], { stdio: "ignore" });
  const tabbed = ["token", "delete", ""];
  const subjects = [
    { name: "node empty.mjs", args: [empty] },
    { name: "tokctl --version", args: [tokctl, "--version"] },
    { name: "tokctl --help", args: [tokctl, "--help"] },
    { name: "tokctl token delete TAB", args: [tokctl, "__complete", "zsh", "80", ...tabbed] },
    { name: "tokctl token list", args: [tokctl, "token", "list", ...place] },
    { name: "tokctl token list -p", args: [tokctl, "token", "list", "-p", "ovh-ai"] },
  ].map((subject) => ({ ...subject, times: [], peaks: [] }));

  for (let round = -warmUps; round < rounds; round++)
    for (const { args, times } of subjects) {
      const milliseconds = time(args);
      if (round >= 0) times.push(milliseconds);
    }
  // In runs of their own: the process reports its own peak, which takes time.
  for (let round = 0; round < memoryRounds; round++)
    for (const { args, peaks } of subjects) peaks.push(peakMemory(args, reporter));

  const measured = subjects.map(({ name, times, peaks }) => ({
    name,
    milliseconds: median(times),
    mebibytes: median(peaks),
  }));
  const results = measured.map((result) => ({
    ...result,
    ratio: result.milliseconds / measured[0].milliseconds,
  }));
  const cores = availableParallelism();
  console.log(`node ${process.version}, ${cores} cores, medians of ${rounds} interleaved runs\n`);
  printTable([
    ["", "WALL", "RATIO", "PEAK MEMORY"],
    ...results.map(({ name, milliseconds, ratio, mebibytes }) => [
      name,
      `${milliseconds.toFixed(1)} ms`,
      `${ratio.toFixed(2)}×`,
      `${mebibytes.toFixed(0)} MiB`,
    ]),
  ]);

  const requests = await measureSandbox(tokctl, folder, turns);
  console.log(
    `\nthe sandbox, requests per second by tokens and resources, medians of ${turns} turns\n`,
  );
  printTable([
    ["", ...sizes.map((size) => size.toLocaleString("en")), "RATIO"],
    ...requests.map(({ name, perSecond: [few, many] }) => [
      name,
      few.toFixed(0),
      many.toFixed(0),
      `${(many / few).toFixed(2)}×`,
    ]),
  ]);
  if (options.json) {
    const report = { node: process.version, cores, rounds, results, sandbox: { sizes, requests } };
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
} finally {
  sandbox.stop();
  await rm(folder, { recursive: true });
}

function time(args) {
  const started = process.hrtime.bigint();
  run(args, { stdio: ["ignore", "ignore", "inherit"] });
  return Number(process.hrtime.bigint() - started) / 1e6;
}

/** In MiB. Windows and macOS too: Node itself says it in KiB everywhere. */
function peakMemory(args, reporter) {
  const { output } = run(["--require", reporter, ...args], {
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  return Number(String(output[3])) / 1024;
}

function run(args, spawnOptions) {
  const result = spawnSync(process.execPath, args, spawnOptions);
  if (result.status !== 0) throw new Error(`${args.join(" ")} ended with ${result.status}`);
  return result;
}
