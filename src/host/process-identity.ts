import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { ProcessIdentity } from "./host.ts";

/**
 * This process, so that another one can be told from it that has the same number later, or at the
 * same time in another container: where Linux says so (proc(5)), by when it began, and by the boot
 * and the process numbers' namespace that are part of its machine's name.
 */
export function identify({ pid }: Pick<NodeJS.Process, "pid">): ProcessIdentity {
  const places = [
    () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    () => readlinkSync("/proc/self/ns/pid"),
  ];
  const machine = [hostname(), ...places.flatMap((read) => attempt(read) ?? [])].join(" ");
  return { id: pid, machine, begun: lifeOf(pid)?.begun };
}

/** Whether a process of this machine is running, and the one that is meant. */
export function isRunning(
  { id, begun }: Pick<ProcessIdentity, "id" | "begun">,
  process: Pick<NodeJS.Process, "kill">,
): boolean {
  const life = lifeOf(id);
  if (life && (life.isOver || (begun !== undefined && life.begun !== begun))) return false;
  try {
    return process.kill(id, 0);
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Undefined where the system does not say. */
function lifeOf(
  id: number,
): { readonly begun: string | undefined; readonly isOver: boolean } | undefined {
  const text = attempt(() => readFileSync(`/proc/${id}/stat`, "latin1"));
  // Its name stands in parentheses, and may hold any.
  const [state = "", ...rest] = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  // What has ended stays a zombie until its parent has heard of it.
  return text === undefined ? undefined : { begun: rest[18], isOver: /[ZX]/.test(state) };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
