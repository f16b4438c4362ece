import { accessSync, constants, readFileSync, readlinkSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { attempt } from "../core/attempt.ts";
import type { Host, ProcessIdentity } from "../host.ts";

/** Returns the JavaScript runtime and its version. Only standalone programs run on Bun. */
export const detectRuntime = ({ version, versions: { bun } }: NodeJS.Process): Host["runtime"] =>
  bun === undefined ? { name: "Node", version } : { name: "Bun", version: bun };

/** The signals that ask this process to end. */
export const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Keeps signals from ending this process: see `Host.holdSignals`. */
export function holdSignals(process: NodeJS.Process): () => void {
  const ignore = () => {};
  for (const signal of endingSignals) process.on(signal, ignore);
  return () => {
    for (const signal of endingSignals) process.off(signal, ignore);
  };
}

/** Returns the command that starts this program: Node and the script, or the standalone executable. */
export function selfCommand(process: NodeJS.Process): readonly [string, ...string[]] {
  const { execPath, argv } = process;
  return detectRuntime(process).name === "Node" ? [execPath, argv[1] ?? ""] : [execPath];
}

/**
 * Returns the identity of this process. On Linux it distinguishes the process from a later one with
 * the same ID and from one in another container: by its start time, the boot ID and the PID
 * namespace.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function identifyProcess({ pid }: Pick<NodeJS.Process, "pid">): ProcessIdentity {
  const sources = [
    () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    () => readlinkSync("/proc/self/ns/pid"),
  ];
  const machine = [hostname(), ...sources.flatMap((read) => attempt(read) ?? [])].join(" ");
  return { id: pid, machine, startTime: statusOf(pid)?.startTime };
}

/** Returns whether a process of this machine is running, and is not a later one with the same ID. */
export function isProcessRunning(
  { id, startTime }: Pick<ProcessIdentity, "id" | "startTime">,
  process: Pick<NodeJS.Process, "kill">,
): boolean {
  const status = statusOf(id);
  if (status && (status.hasEnded || (startTime !== undefined && status.startTime !== startTime)))
    return false;
  try {
    return process.kill(id, 0);
  } catch (error) {
    // The process exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Returns undefined where the system has no /proc. */
function statusOf(
  id: number,
): { readonly startTime: string | undefined; readonly hasEnded: boolean } | undefined {
  const text = attempt(() => readFileSync(`/proc/${id}/stat`, "latin1"));
  // The process name is in parentheses, and may contain parentheses.
  const [state = "", ...rest] = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  // A process that has ended is a zombie until its parent reads the exit code.
  return text === undefined ? undefined : { startTime: rest[18], hasEnded: /[ZX]/.test(state) };
}

/** Environment variables that contain a credential, of tokctl and of the platforms' own tools. */
const credentialVariables: readonly string[] = [
  "TOKCTL_APP_TOKEN",
  "OVH_ACCESS_TOKEN",
  "OVH_APPLICATION_SECRET",
  "OVH_CLIENT_SECRET",
  "OVH_CONSUMER_KEY",
];

/** Returns the environment for another program, which must not get the credential in use. */
export const withoutCredentials = (env: Host["env"]): NodeJS.ProcessEnv =>
  Object.fromEntries(
    // Windows ignores the case of names.
    Object.entries(env).filter(([name]) => !credentialVariables.includes(name.toUpperCase())),
  );

/**
 * Whether a program exists: see `Host.hasProgram`.
 * @param path the variable PATH; undefined for the system's default, which is not searched.
 */
export function hasProgram(command: string, path: string | undefined, platform: string): boolean {
  // Windows completes names by the extensions in PATHEXT.
  if (platform === "win32") return true;
  if (command.includes("/")) return isExecutable(command);
  // An empty entry in PATH is the current directory.
  return (
    path === undefined ||
    path.split(delimiter).some((directory) => isExecutable(join(directory || ".", command)))
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
