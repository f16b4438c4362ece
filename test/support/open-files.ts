import { readdirSync, readlinkSync } from "node:fs";

/** Returns the files below a folder that this process has open, deleted ones too (Linux). */
export const openFilesIn = (folder: string): readonly string[] =>
  readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      // The descriptor of /proc/self/fd itself is closed again.
      return [];
    }
  });
