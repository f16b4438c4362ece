// Times the program against an empty one of Node's: `npm run bench -- [--nodes 20,22,24,26] [--rounds N] [--json FILE]
// [--standalone FILE] [--against COMMAND]...`. All runs are interleaved, so that a busy moment of the machine hits all
// of them alike. Without --nodes it is the Node that runs this; others are installed from npm, for this alone.
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installNode } from "./bench-nodes.js";
import { median, printTable } from "./report.js";
import { startSandbox } from "./sandbox.js";

const { values: options } = parseArgs({
  options: {
    nodes: { type: "string" },
    rounds: { type: "string", default: "21" },
    json: { type: "string" },
    standalone: { type: "string" },
    against: { type: "string", multiple: true, default: [] },
  },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a whole number from 1");
const warmUps = 2;
const memoryRounds = 3;

/**
 * At most so many times as long as an empty program, with at most so many MiB. There are none for later
 * versions of Node, which start an empty program in a third of the time.
 */
const goals = {
  node20: {
    ratios: { "--version": 1.25, "--help": 1.25, TAB: 1.25, list: 1.9, "list -p": 2, create: 1.9 },
    mebibytes: 64,
  },
  standalone: { ratios: { "--version": 0.4, list: 1 } },
};
const none = { ratios: {} };

const tokctl = fileURLToPath(new URL("../bin/tokctl.js", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "tokctl-bench-"));
const empty = join(folder, "empty.mjs");
const reporter = join(folder, "peak-memory.cjs");
// Tokens are made in one of their own, and deleted again: they would make the others' lists longer.
const sandboxes = { lists: await startSandbox(tokctl), creates: await startSandbox(tokctl) };
try {
  await writeFile(empty, "");
  await writeFile(
    reporter,
    `process.on("exit", () => require("fs").writeSync(3, String(process.resourceUsage().maxRSS)));`,
  );
  const place = ({ url, appToken }) => ["--provider=ovh-ai", "--url", url, "--app-token", appToken];
  const lists = place(sandboxes.lists);
  const creates = place(sandboxes.creates);
  const env = {
    // Nothing of whoever runs it.
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^TOKCTL_/.test(name))),
    TOKCTL_CONFIG_DIR: join(folder, "config"),
    TOKCTL_CACHE_DIR: join(folder, "cache"),
    TOKCTL_STATE_DIR: join(folder, "state"),
    TOKCTL_COMPLETE_OFFLINE: "1",
  };
  const read = ["-r", "ai_training_read"];
  // Something to list and to complete, and a profile that is read at each start.
  const { url, appToken } = sandboxes.lists;
  for (const args of [
    ["token", "create", "ci", ...read, ...lists],
    ["login", "ovh-ai", url, "--app-token", appToken],
    ["token", "list"],
  ])
    run([process.execPath, tokctl, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });

  const subjects = {
    "--version": ["--version"],
    "--help": ["--help"],
    TAB: ["__complete", "zsh", "80", "token", "delete", ""],
    list: ["token", "list", ...lists],
    "list -p": ["token", "list", "-p", "ovh-ai"],
    create: ["token", "create", "bench", ...read, ...creates],
  };
  /** One table each: a base that stands for 1, and what is measured by it. */
  const programs = [];
  for (const node of await findNodes())
    programs.push({
      title: `node ${node.version}`,
      base: [node.path, empty],
      goals: Number.parseInt(node.version.slice(1), 10) === 20 ? goals.node20 : none,
      start: [node.path, tokctl],
      reports: true,
    });
  const [{ base }] = programs;
  if (options.standalone)
    programs.push({
      title: options.standalone,
      base,
      goals: goals.standalone,
      start: [options.standalone],
    });
  const measurements = programs.map(({ start, base, reports, ...program }) => ({
    ...program,
    runs: [
      { name: "empty.mjs", command: base, reports },
      ...Object.entries(subjects).map(([name, args]) => ({
        name,
        command: [...start, ...args],
        reports,
      })),
    ].map(toRun),
  }));
  const others = options.against
    .map((line) => ({ name: line, command: line.split(" ") }))
    .map(toRun);
  const all = [...measurements.flatMap(({ runs }) => runs), ...others];

  for (let round = -warmUps; round < rounds; round++)
    for (const { name, command, times } of all) {
      const milliseconds = time(command, env);
      if (round >= 0) times.push(milliseconds);
      if (name === "create") await deleteTokens(sandboxes.creates);
    }
  // In runs of their own: the process reports its own peak, which takes time.
  for (let round = 0; round < memoryRounds; round++)
    for (const { name, command, reports, peaks } of all) {
      if (reports) peaks.push(peakMemory(command, env));
      if (name === "create") await deleteTokens(sandboxes.creates);
    }

  const tables = measurements.map(({ runs: [empty, ...runs], title, goals }) => ({
    title,
    results: [toResult(empty, empty), ...runs.map((each) => toResult(each, empty, goals))],
  }));
  const cores = availableParallelism();
  console.log(`${cores} cores, medians of ${rounds} interleaved runs`);
  for (const { title, results } of tables) {
    console.log(`\n${title}\n`);
    print(results);
  }
  if (others.length > 0) {
    const [{ runs }] = measurements;
    const list = runs.find(({ name }) => name === "list");
    const results = others.map((each) => toResult(each, runs[0]));
    tables.push({ title: "others", results });
    console.log(`\nothers, by the first empty program; token list is FASTER so many times\n`);
    printTable([
      ["", "WALL", "RATIO", "FASTER"],
      ...results.map(({ name, milliseconds, ratio }) => [
        name,
        `${milliseconds.toFixed(1)} ms`,
        `${ratio.toFixed(2)}×`,
        `${(milliseconds / median(list.times)).toFixed(1)}×`,
      ]),
    ]);
  }
  if (options.json)
    await writeFile(options.json, `${JSON.stringify({ cores, rounds, tables }, null, 2)}\n`);
} finally {
  for (const { stop } of Object.values(sandboxes)) stop();
  await rm(folder, { recursive: true });
}

/** The versions of Node that are asked for. */
async function findNodes() {
  if (options.nodes === undefined) return [{ path: process.execPath, version: process.version }];
  const found = [];
  for (const major of options.nodes.split(",")) found.push(await installNode(major));
  return found;
}

function toRun(run) {
  return { ...run, times: [], peaks: [] };
}

function toResult({ name, times, peaks }, base, goals = none) {
  const ratio = median(times) / median(base.times);
  const goal = { ratio: goals.ratios[name], mebibytes: goals.mebibytes };
  const mebibytes = peaks.length > 0 ? median(peaks) : undefined;
  return {
    name,
    milliseconds: median(times),
    ratio,
    /** Of the fastest runs: what a machine comes to that has nothing else to do. */
    fastest: Math.min(...times) / Math.min(...base.times),
    mebibytes,
    goal,
    isMet: !(ratio > goal.ratio || mebibytes > goal.mebibytes),
  };
}

function print(results) {
  printTable([
    ["", "WALL", "RATIO", "GOAL", "FASTEST", "PEAK MEMORY", "GOAL", ""],
    ...results.map(({ name, milliseconds, ratio, fastest, mebibytes, goal, isMet }) => [
      name,
      `${milliseconds.toFixed(1)} ms`,
      `${ratio.toFixed(2)}×`,
      goal.ratio ? `${goal.ratio.toFixed(2)}×` : "",
      `${fastest.toFixed(2)}×`,
      mebibytes ? `${mebibytes.toFixed(0)} MiB` : "",
      goal.mebibytes ? `${goal.mebibytes} MiB` : "",
      !goal.ratio ? "" : isMet ? "met" : "MISSED",
    ]),
  ]);
}

function time(command, env) {
  const started = process.hrtime.bigint();
  run(command, { env, stdio: ["ignore", "pipe", "pipe"] });
  return Number(process.hrtime.bigint() - started) / 1e6;
}

/** In MiB. Windows and macOS too: Node itself says it in KiB everywhere. */
function peakMemory([node, ...args], env) {
  const { output } = run([node, "--require", reporter, ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  return Number(String(output[3])) / 1024;
}

function run([program, ...args], spawnOptions) {
  const { status, error, stderr, output } = spawnSync(program, args, spawnOptions);
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${error ?? stderr}`);
  return { output };
}

async function deleteTokens({ url, appToken }) {
  const headers = { authorization: `Bearer ${appToken}` };
  const { items } = await (await fetch(`${url}/v1/token`, { headers })).json();
  for (const { id } of items) await fetch(`${url}/v1/token/${id}`, { method: "DELETE", headers });
}
