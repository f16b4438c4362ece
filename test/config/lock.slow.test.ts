import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { rolldown } from "rolldown";
import { expect, onTestFinished, test } from "vitest";

const src = (name: string) => fileURLToPath(new URL(`../../src/${name}`, import.meta.url));

/** A program that takes the lock repeatedly and records when another process holds it too. */
const contender = `
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { withLock } from ${JSON.stringify(src("config/lock.ts"))};
import { identifyProcess, isProcessRunning } from ${JSON.stringify(src("host/process.ts"))};

const [folder, rounds] = process.argv.slice(2);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const self = identifyProcess(process);
const host = {
  now: () => new Date(),
  platform: process.platform,
  sleep,
  interrupt: new AbortController().signal,
  process: self,
  isRunning: (other) => isProcessRunning(other, process),
  randomBytes,
};
const inside = folder + "/inside";
for (let round = 0; round < Number(rounds); round++)
  await withLock(folder + "/lock", host, 30_000, async () => {
    try {
      const other = JSON.parse(readFileSync(inside, "utf8"));
      if (isProcessRunning(other, process)) appendFileSync(folder + "/violations", "two at once\\n");
    } catch (error) {
      if (error.code !== "ENOENT" && !(error instanceof SyntaxError)) throw error;
    }
    writeFileSync(inside, JSON.stringify({ id: self.id, startTime: self.startTime }));
    if (round % 3 === 0) await sleep(Math.random() * 4);
    rmSync(inside);
    appendFileSync(folder + "/rounds", ".");
  });
`;

async function buildContender(folder: string): Promise<string> {
  const entry = join(folder, "contender.ts");
  const file = join(folder, "contender.mjs");
  writeFileSync(entry, contender);
  const bundle = await rolldown({ input: entry, platform: "node", logLevel: "silent" });
  await bundle.write({ file, format: "esm" });
  return file;
}

test("never do two processes hold the lock, even if processes are killed at random, and each gets it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tokctl-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = await buildContender(folder);
  const random = fc.sample(fc.nat(1000), { numRuns: 1000, seed: 7 });
  const running = new Set<ReturnType<typeof spawn>>();
  const endings: Promise<unknown>[] = [];
  const failures: string[] = [];
  const start = (rounds: number) => {
    const child = spawn(process.execPath, [file, folder, String(rounds)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    running.add(child);
    child.stderr?.on("data", (text) => failures.push(String(text)));
    endings.push(
      once(child, "close").then(([code, signal]) => {
        running.delete(child);
        if (code !== 0 && signal !== "SIGKILL") failures.push(`ended with ${code} ${signal}`);
      }),
    );
    return child;
  };
  onTestFinished(() => {
    for (const child of running) child.kill("SIGKILL");
  });
  const roundsOf = () => {
    try {
      return readFileSync(join(folder, "rounds"), "utf8").length;
    } catch {
      return 0;
    }
  };
  for (let i = 0; i < 6; i++) start(100_000);
  for (let kills = 0; kills < 60; kills++) {
    const before = roundsOf();
    const [one] = running;
    // Some work is done between two kills: a killed holder does not block the others for long.
    while (roundsOf() <= before + ((random[kills] ?? 0) % 5))
      await new Promise((resolve) => setTimeout(resolve, (random[kills] ?? 0) % 7));
    one?.kill("SIGKILL");
    start(100_000);
  }
  for (const child of running) child.kill("SIGKILL");
  await Promise.all(endings);
  const last = start(20);
  await once(last, "close");
  expect(failures).toEqual([]);
  expect(readdirSync(folder)).not.toContain("violations");
  expect(readdirSync(folder).filter((name) => name.startsWith("lock"))).toEqual([]);
});
