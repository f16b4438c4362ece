import { statSync } from "node:fs";
import { resolveStorageKind } from "../config/credential-store.ts";
import { checkWritable } from "../config/directories.ts";
import { toFileError } from "../config/file-errors.ts";
import { findRetries, parseRetriesSetting } from "../core/retries.ts";
import { quoteWord } from "../core/text.ts";
import { CliError, UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { parseFormat } from "../output/format.ts";
import { nodeRange, version } from "../version.ts";
import type { CheckResult, Examine } from "./check.ts";
import type { DoctorContext } from "./context.ts";

/** What is on this machine, whatever is beyond it. */
export async function checkLocal(patient: DoctorContext, examine: Examine): Promise<void> {
  await examine("program", () => lookAtProgram(patient.host));
  await examine("environment", () => lookAtEnvironment(patient.host));
  await examine("folder", () => lookAtFolder(patient));
  await examine("profiles", () => lookAtProfiles(patient));
  await examine("credentials", () => lookAtCredentials(patient));
  await examine("journal", () => lookAtJournal(patient));
}

/** @throws UsageError for a Node that is older than the program allows. */
function lookAtProgram({
  runtime: { name, version: running },
  platform,
}: Pick<Host, "runtime" | "platform">): CheckResult<true> {
  const oldest = nodeRange.replace(/^\D+/, "");
  if (name === "Node" && compareVersions(running, oldest) < 0)
    throw new UsageError(`Node ${running} is older than ${oldest}.`, {
      hint: `Install Node ${oldest} or later.`,
    });
  return { detail: `tokctl ${version}, ${name} ${running}, ${platform}`, found: true };
}

/** @throws UsageError for the first variable that holds what it can't, whatever else is said of it. */
function lookAtEnvironment({ env }: Pick<Host, "env">): CheckResult<true> {
  parseRetriesSetting(findRetries(undefined, env));
  resolveStorageKind(undefined, env);
  parseFormat(env);
  return { detail: "no TOKCTL_ variable holds an invalid value", found: true };
}

const numbersOf = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).map(Number);

function compareVersions(one: string, other: string): number {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  const differing = b.findIndex((part, i) => part !== (a[i] ?? 0));
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}

/** @throws UsageError for a folder that is none, or that others may write to. */
function lookAtFolder({
  folder,
  host: { platform },
}: Pick<DoctorContext, "folder" | "host">): CheckResult<true> {
  if (folder === undefined)
    return {
      detail: "there is none: no home folder is set",
      hint: "Profiles need one: set TOKCTL_CONFIG_DIR to a folder of your own.",
      found: true,
    };
  try {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (!stats) {
      checkWritable(folder);
      return { detail: `${folder} (not there yet)`, found: true };
    }
    if (!stats.isDirectory())
      throw new UsageError(`${folder} is not a folder.`, {
        hint: "Move it away, or set TOKCTL_CONFIG_DIR to a folder of your own.",
      });
    const { mode } = stats;
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    // On Windows the mode says nothing about who may read.
    if (platform !== "win32" && (mode & 0o022) !== 0)
      throw new UsageError(`Others on this machine can write to ${folder} (mode ${octal}).`, {
        hint: `Run: chmod 700 ${quoteWord(folder)}`,
      });
    checkWritable(folder);
    return platform === "win32"
      ? { detail: folder, found: true }
      : {
          detail: `${folder} (mode ${octal})`,
          hint:
            (mode & 0o055) === 0 ? undefined : `Others can look in: chmod 700 ${quoteWord(folder)}`,
          found: true,
        };
  } catch (error) {
    throw toFileError(error, folder, "read");
  }
}

/** @throws CliError if the profile that is meant is broken, or it can't be told which that is. */
function lookAtProfiles({ profiles, profileName }: DoctorContext): CheckResult<true> {
  const names = profiles.names();
  const meant = profileName();
  if (meant !== undefined) profiles.get(meant);
  const broken = names.filter((name) => !isSane(() => profiles.find(name)));
  const described = names.map((name) => (name === meant ? `${name} (in use)` : name));
  return {
    found: true,
    detail: described.join(", ") || "none",
    hint:
      broken.length === 0
        ? undefined
        : `The files of ${broken.join(", ")} are broken: mend them, or tokctl profile remove NAME.`,
  };
}

/** @throws CliError for the first file that is not fit. The keychain is not asked. */
async function lookAtCredentials({
  profiles,
  credentials,
}: DoctorContext): Promise<CheckResult<true>> {
  const kept: string[] = [];
  for (const name of profiles.names()) {
    const store = await credentials.storageOf(name);
    if (store === "file") await credentials.read(name);
    if (store !== undefined)
      kept.push(`${name} in ${store === "file" ? "a file" : "the keychain"}`);
  }
  const orphans = credentials.names().filter((name) => !profiles.names().includes(name));
  return {
    detail:
      [...kept, ...orphans.map((name) => `${name} without a profile`)].join(", ") ||
      "none are kept",
    hint:
      orphans.length === 0
        ? undefined
        : orphans.map((name) => `tokctl logout -p ${name}`).join("; "),
    found: true,
  };
}

/** @throws CliError if it can't be read. */
async function lookAtJournal({ journal }: DoctorContext): Promise<CheckResult<true>> {
  const { entries, broken } = await journal();
  if (broken[0]) throw broken[0];
  return entries.length === 0
    ? { detail: "no create or renew was cut off", found: true }
    : {
        detail: `${entries.length} of your creates and renews were cut off`,
        hint: "tokctl recover finds out what became of them, and finishes them.",
        found: true,
      };
}

function isSane(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof CliError) return false;
    throw error;
  }
}
