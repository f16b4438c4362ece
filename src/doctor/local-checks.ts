import { statSync } from "node:fs";
import { checkWritable, findConfigDirectory } from "../config/directories.ts";
import { resolveStorageKind } from "../core/credential.ts";
import { quoteWord } from "../core/quoting.ts";
import { toFileError } from "../core/system-errors.ts";
import { CliError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { parseFormat } from "../output/view.ts";
import { findRetries, parseRetriesSetting } from "../session/target/retries.ts";
import { unwrap } from "../session/target/target.ts";
import { nodeRange, version } from "../version.ts";
import type { CheckResult, DoctorContext, RunCheck } from "./check-runner.ts";

/** Checks the program, environment variables, configuration directory, profiles, credentials and journal. */
export async function runLocalChecks(context: DoctorContext, runCheck: RunCheck): Promise<void> {
  await runCheck("program", () => checkProgram(context.host));
  await runCheck("environment", () => checkEnvironment(context.host));
  await runCheck("folder", () => checkFolder(context));
  await runCheck("profiles", () => checkProfiles(context));
  await runCheck("credentials", () => checkCredentials(context));
  await runCheck("journal", () => checkJournal(context));
}

/** Checks the runtime. @throws UsageError for a version of Node that is too old. */
function checkProgram({
  runtime: { name, version: running },
  platform,
}: Pick<Host, "runtime" | "platform">): CheckResult<true> {
  const oldest = nodeRange.replace(/^\D+/, "");
  if (name === "Node" && compareVersions(running, oldest) < 0)
    throw new UsageError(`tokctl needs Node ${oldest} or later; this is Node ${running}.`, {
      hint: `Install Node ${oldest} or later.`,
    });
  return { detail: `tokctl ${version}, ${name} ${running}, ${platform}`, value: true };
}

/** Checks the variables that no later check reads. @throws UsageError for the first one with an invalid value. */
function checkEnvironment({ env }: Pick<Host, "env">): CheckResult<true> {
  parseRetriesSetting(findRetries(undefined, env));
  resolveStorageKind(undefined, env);
  parseFormat(env);
  const names = Object.keys(env).filter((name) => name.startsWith("TOKCTL_") && env[name]);
  return {
    detail: names.length === 0 ? "no TOKCTL_ variable is set" : names.sort().join(", "),
    value: true,
  };
}

const numbersOf = (version: string): readonly number[] => (version.match(/\d+/g) ?? []).map(Number);

function compareVersions(one: string, other: string): number {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  const differing = b.findIndex((part, i) => part !== (a[i] ?? 0));
  return differing < 0 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
}

/**
 * Checks the configuration directory.
 * @throws UsageError if it is not a directory, or others can write to it.
 */
function checkFolder({ host }: DoctorContext): CheckResult<true> {
  const { platform } = host;
  const folder = findConfigDirectory(host);
  if (folder === undefined)
    return {
      detail: "none: no home directory is set",
      hint: "Profiles need a configuration directory: set TOKCTL_CONFIG_DIR.",
      value: true,
    };
  try {
    const stats = statSync(folder, { throwIfNoEntry: false });
    if (!stats) {
      checkWritable(folder);
      return { detail: `${folder} (does not exist yet)`, value: true };
    }
    if (!stats.isDirectory())
      throw new UsageError(`${folder} is not a directory.`, {
        hint: "Move it, or set TOKCTL_CONFIG_DIR to another directory.",
      });
    const { mode } = stats;
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    // On Windows the mode does not show permissions.
    if (platform !== "win32" && (mode & 0o022) !== 0)
      throw new UsageError(`Other users can write to ${folder} (mode ${octal}).`, {
        hint: `Run: chmod 700 ${quoteWord(folder)}`,
      });
    checkWritable(folder);
    return platform === "win32"
      ? { detail: folder, value: true }
      : {
          detail: `${folder} (mode ${octal})`,
          hint:
            (mode & 0o055) === 0
              ? undefined
              : `Other users can list it. Run: chmod 700 ${quoteWord(folder)}`,
          value: true,
        };
  } catch (error) {
    throw toFileError(error, folder, "read");
  }
}

/** Checks the profiles. @throws CliError if the profile in use is invalid or does not exist. */
function checkProfiles({ profiles, target }: DoctorContext): CheckResult<true> {
  const names = profiles.names();
  const selected = unwrap(target.profile)?.value.name;
  const broken = names.filter((name) => !isReadable(() => profiles.find(name)));
  const described = names.map((name) => (name === selected ? `${name} (in use)` : name));
  return {
    value: true,
    detail: described.join(", ") || "none",
    hint:
      broken.length === 0
        ? undefined
        : `Broken profile files: ${broken.join(", ")}. Fix them, or run: tokctl profile remove NAME`,
  };
}

/**
 * Checks credential files, without reading the keychain.
 * @throws CliError for the first file that is invalid or not private.
 */
async function checkCredentials({
  profiles,
  credentials,
}: DoctorContext): Promise<CheckResult<true>> {
  const stored: string[] = [];
  for (const name of profiles.names()) {
    const store = await credentials.storageOf(name);
    if (store === "file") await credentials.read(name);
    if (store !== undefined)
      stored.push(`${name} in ${store === "file" ? "a file" : "the keychain"}`);
  }
  const orphans = credentials.names().filter((name) => !profiles.names().includes(name));
  return {
    detail:
      [...stored, ...orphans.map((name) => `${name} without a profile`)].join(", ") ||
      "none stored",
    hint:
      orphans.length === 0
        ? undefined
        : `Delete the credentials without a profile: ${orphans.map((name) => `tokctl logout -p ${name}`).join("; ")}`,
    value: true,
  };
}

/** Checks the journal. @throws CliError for the first entry that can't be read. */
async function checkJournal({ journal }: DoctorContext): Promise<CheckResult<true>> {
  const { entries, broken } = await journal.read();
  if (broken[0]) throw broken[0];
  return entries.length === 0
    ? { detail: "no interrupted operations", value: true }
    : {
        detail: `${entries.length} interrupted create or renew operation${entries.length === 1 ? "" : "s"}`,
        hint: "Finish them: tokctl recover",
        value: true,
      };
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof CliError) return false;
    throw error;
  }
}
