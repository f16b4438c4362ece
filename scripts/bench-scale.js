// Time and memory of long lists and of many deletions: `npm run bench:scale -- [--rounds N] [--json FILE]`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { median, printTable } from "./report.js";

const { values: options } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, json: { type: "string" } },
});
const rounds = Number(options.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a whole number from 1");

const sizes = [1000, 10_000, 100_000];
const deletions = 1000;
const perSecond = 200;

const tokctl = fileURLToPath(new URL("../bin/tokctl.js", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "tokctl-bench-"));
const server = new Worker(new URL("scale-server.js", import.meta.url));
try {
  const [port] = await once(server, "message");
  const reporter = join(folder, "peak-memory.cjs");
  await writeFile(
    reporter,
    `process.on("exit", () => require("fs").writeSync(3, String(process.resourceUsage().maxRSS)));`,
  );
  const place = (provider, total, limit = 1e9) => ({
    TOKCTL_PROVIDER: provider,
    TOKCTL_URL: `http://127.0.0.1:${port}/${total}/${limit}`,
    ...(provider === "osmo" ? { TOKCTL_USER_HEADER: "user" } : { TOKCTL_APP_TOKEN: "a-token" }),
  });

  /** Runs the program to its end: how long it took, how much memory it had at most, what it printed. */
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

  async function measure(name, args, env, tokens) {
    const runs = [];
    for (let round = 0; round < rounds; round++) runs.push(await run(args, env));
    const milliseconds = median(runs.map((each) => each.milliseconds));
    const peakMiB = Math.max(...runs.map((each) => each.peakMiB));
    return { name, tokens, milliseconds, peakMiB };
  }

  const results = [];
  for (const [provider, formats] of [
    ["ovh-ai", ["json", "yaml", "text"]],
    ["osmo", ["json", "text"]],
  ])
    for (const format of formats)
      for (const size of [1, ...sizes])
        results.push(
          await measure(
            `${provider}: token list -o ${format}`,
            ["token", "list", "-o", format],
            place(provider, size),
            size,
          ),
        );
  const { printed } = await run(["token", "list", "-q"], place("ovh-ai", deletions));
  const ids = printed.trimEnd().split("\n");
  const one = await measure("", ["token", "delete", "-y", ids[0]], place("ovh-ai", deletions), 1);
  for (const [limit, what] of [
    [1e9, ""],
    [perSecond, ` (${perSecond} a second allowed)`],
  ])
    results.push(
      { ...one, name: `ovh-ai: token delete${what}` },
      await measure(
        `ovh-ai: token delete${what}`,
        ["token", "delete", "-y", "-q", ...ids],
        place("ovh-ai", deletions, limit),
        deletions,
      ),
    );

  const figures = results
    .filter(({ tokens }) => tokens > 1)
    .map((result) => {
      // What the start costs is none of a token's.
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
  await server.terminate();
  await rm(folder, { recursive: true, force: true });
}

async function read(stream) {
  let text = "";
  for await (const chunk of stream.setEncoding("latin1")) text += chunk;
  return text;
}
