import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import type { StagedFile } from "../config/atomic-file.ts";
import { systemCodeOf } from "../core/system-errors.ts";
import { stageFile } from "./secret-file.ts";
import type { SinkContext } from "./sink.ts";
import type { SeparateRecord, TokenRecord } from "./token-record.ts";

/** The end of the name of the file beside a secret file that records its token. */
export const recordSuffix = ".tokctl.json";

/** An open record. Disk space is reserved until `write` or `discard` is called. */
export interface RecordFile extends SeparateRecord {
  discard(): void;
}

/** Error codes for a directory that allows no new files. */
const unwritable: readonly string[] = ["EACCES", "EPERM", "EROFS"];

/**
 * Opens the record beside a secret file.
 * @returns undefined if the directory allows no new files: then the secret file is overwritten
 * without a record.
 * @throws the file system's error if an existing record can't be replaced.
 */
export function openRecordFile(
  path: string,
  context: Pick<SinkContext, "randomBytes">,
): RecordFile | undefined {
  const recordPath = path + recordSuffix;
  const stage = () => stageFile(recordPath, { overwriteMode: 0o600 }, context);
  let reserved: StagedFile | undefined;
  try {
    reserved = stage();
  } catch (error) {
    if (unwritable.includes(systemCodeOf(error)) && !existsSync(recordPath)) return undefined;
    throw error;
  }
  return {
    discard: () => reserved?.discard(),
    read: async () => readRecordFile(path),
    async write(record) {
      if (!record) return rmSync(recordPath, { force: true });
      const staged = reserved ?? stage();
      reserved = undefined;
      try {
        staged.commit(`${JSON.stringify(record, null, 2)}\n`);
      } catch (error) {
        staged.discard();
        throw error;
      }
    },
  };
}

/**
 * Reads the record beside a secret file.
 * @returns undefined if the secret file is missing or empty, or if there is no valid record.
 * @throws the file system's error
 */
export function readRecordFile(path: string): TokenRecord | undefined {
  try {
    return statSync(path).size > 0
      ? parseJsonRecord(readFileSync(path + recordSuffix, "utf8"))
      : undefined;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function parseJsonRecord(text: string): TokenRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { id, name, profile, deliveredAt, previousIds, replacedIds } = value as Record<
    string,
    unknown
  >;
  if (typeof id !== "string" || id === "") return undefined;
  return {
    id,
    ...(typeof name === "string" && { name }),
    ...(typeof profile === "string" && { profile }),
    ...(typeof deliveredAt === "string" && { deliveredAt }),
    ...(Array.isArray(previousIds) && { previousIds: previousIds.filter(isText) }),
    ...(Array.isArray(replacedIds) && { replacedIds: replacedIds.filter(isText) }),
  };
}

const isText = (value: unknown): value is string => typeof value === "string";
