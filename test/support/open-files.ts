import { readdirSync, readlinkSync } from "node:fs";

/** Returns the open files of this process below a folder, including deleted files (Linux). */
export const openFilesIn = (folder: string): readonly string[] =>
  readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      // The descriptor of /proc/self/fd is already closed.
      return [];
    }
  });
