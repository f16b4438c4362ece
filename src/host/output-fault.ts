import { constants, fstatSync, readFileSync, statfsSync, writeSync } from "node:fs";

/** Room on the disk that a secret with what is said of it needs at most, in bytes. */
const needed = 65_536;

/**
 * Says why nothing written to a file descriptor would arrive, without writing anything: `closed` or
 * `ENOSPC` (a full disk or device). Undefined if nothing shows; a pipe that nobody reads does not.
 */
export function findOutputFault(fd: number): string | undefined {
  try {
    const stats = fstatSync(fd);
    if (stats.isCharacterDevice()) {
      if (isClosed(fd)) return "closed";
      writeSync(fd, Buffer.alloc(0));
    }
    if (stats.isFile()) {
      const { bavail, bsize } = statfsSync(`/proc/self/fd/${fd}`);
      if (bavail * bsize < needed) return "ENOSPC";
    }
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return faults.get(code);
  }
}

/** Anything else tells nothing, for example ENOENT where there is no /proc. */
const faults: ReadonlyMap<string, string> = new Map([
  ["EBADF", "closed"],
  ["ENOSPC", "ENOSPC"],
]);

/** Node opens /dev/null for reading and writing in place of a closed descriptor; a shell's `>` only for writing. */
function isClosed(fd: number): boolean {
  const [, target] =
    /^flags:\s+0*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8")) ?? [];
  const isReadWrite = (Number.parseInt(target ?? "0", 8) & 3) === constants.O_RDWR;
  return isReadWrite && fstatSync(fd).rdev === nullDevice;
}

/** Major 1, minor 3: /dev/null of Linux. */
const nullDevice = 0x103;

/** Whether a file descriptor leads to a file. */
export function isFileOpen(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/**
 * Writes all of a text to a file. A disk or quota with room for a part of it takes that part, which
 * Node's own stream takes for the whole. @throws the file system's own error for the rest.
 */
export function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
