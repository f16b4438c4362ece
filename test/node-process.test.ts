import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { identifyProcess, isProcessRunning } from "../src/host/process.ts";

test("an existing process is running", () => {
  const { id, startTime } = identifyProcess(process);
  expect(isProcessRunning({ id, startTime }, process)).toBe(true);
  expect(isProcessRunning({ id }, process)).toBe(true);
});

test.skipIf(process.platform !== "linux")(
  "a process with another start time is not running",
  () => {
    const { id, startTime } = identifyProcess(process);
    expect(startTime).toMatch(/^\d+$/);
    expect(isProcessRunning({ id, startTime: `${Number(startTime) - 1}` }, process)).toBe(false);
  },
);

test("a process that has ended is not running", async () => {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  expect(isProcessRunning({ id: child.pid ?? 0 }, process)).toBe(false);
});

test.skipIf(process.platform !== "linux")("a zombie process is not running", async () => {
  // The shell starts a child and then executes a program that does not wait for it; the child exits after that.
  const parent = spawn("sh", ["-c", "read line <&3 & echo $!; exec 3<&-; exec tail -f /dev/null"], {
    stdio: ["ignore", "pipe", "ignore", "pipe"],
  });
  onTestFinished(() => void parent.kill());
  const [text] = await once(parent.stdio[1] as Readable, "data");
  const id = Number(String(text));
  const becomes = () => readFileSync(`/proc/${parent.pid}/comm`, "utf8");
  await expect.poll(becomes).toBe("tail\n");
  (parent.stdio[3] as Writable).end("\n");
  await expect.poll(() => isProcessRunning({ id }, process)).toBe(false);
  expect(process.kill(id, 0)).toBe(true);
});
