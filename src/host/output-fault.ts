import { constants, fstatSync, readFileSync, statfsSync, writeSync } from "node:fs";

/** Bytes that a secret and the messages about it need at most. */
const needed = 65_536;

/**
 * Checks whether a write to a file descriptor would fail, without writing.
 * @returns `closed`, or `ENOSPC` for a full disk or device; undefined if no fault is found. A pipe
 * without a reader is not detected.
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

/** Other codes, such as ENOENT on a system without /proc, are not faults of the output. */
const faults: ReadonlyMap<string, string> = new Map([
  ["EBADF", "closed"],
  ["ENOSPC", "ENOSPC"],
]);

/** Node replaces a closed descriptor by /dev/null opened for reading and writing; `>` of a shell opens it for writing only. */
function isClosed(fd: number): boolean {
  const [, target] =
    /^flags:\s+0*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8")) ?? [];
  const isReadWrite = (Number.parseInt(target ?? "0", 8) & 3) === constants.O_RDWR;
  return isReadWrite && fstatSync(fd).rdev === nullDevice;
}

/** Major 1, minor 3: /dev/null of Linux. */
const nullDevice = 0x103;

/** Whether a file descriptor refers to a regular file. */
export function isFileOpen(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/**
 * Writes a whole text to a file. On a full disk, Node's stream reports success after a partial write.
 * @throws the error of the file system, for example ENOSPC
 */
export function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}
