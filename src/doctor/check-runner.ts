import { maskSecrets } from "../core/secret.ts";
import { toLostDirectory } from "../core/system-errors.ts";
import { CliError, type ErrorCode, InterruptedError } from "../errors.ts";
import type { Session } from "../session/session.ts";

/** One row of `tokctl doctor`. */
export interface DoctorCheck {
  readonly name: string;
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** The finding, with secrets masked. */
  readonly detail: string;
  /** The next step, for a warning or failure. */
  readonly hint: string | null;
  /** The error code of commands that fail for the same reason. */
  readonly code: ErrorCode | null;
}

/** The result of a check that did not fail. */
export interface CheckResult<T> {
  readonly detail: string;
  /** The next step; makes the check a warning. */
  readonly hint?: string | undefined;
  /** Whether the check does not apply. */
  readonly skipped?: boolean;
  /** A value for later checks. */
  readonly value: T;
}

/**
 * Runs one check, records its row and returns its value; undefined if it failed. Without `check`,
 * an earlier check that it depends on failed, and it is recorded as skipped.
 */
export type RunCheck = <T>(
  name: string,
  check: (() => CheckResult<T> | Promise<CheckResult<T>>) | undefined,
) => Promise<T | undefined>;

/** The part of a session that the checks use. Its members throw the errors that a command would end with. */
export type DoctorContext = Pick<
  Session,
  | "host"
  | "target"
  | "profiles"
  | "credentials"
  | "journal"
  | "credential"
  | "network"
  | "directTransport"
  | "reconnect"
>;

/** Returns a `RunCheck` and the rows that it records. An error fails its check only. */
export function createCheckRunner(): {
  readonly checks: readonly DoctorCheck[];
  readonly runCheck: RunCheck;
} {
  const checks: DoctorCheck[] = [];
  const record = (name: string, status: DoctorCheck["status"], rest: Partial<DoctorCheck>) =>
    checks.push({ name, status, detail: "", hint: null, code: null, ...rest });
  return {
    checks,
    async runCheck(name, check) {
      if (!check) {
        record(name, "skipped", { detail: "an earlier check failed" });
        return undefined;
      }
      try {
        const { detail, hint = null, skipped = false, value } = await check();
        const status = skipped ? "skipped" : hint === null ? "ok" : "warning";
        record(name, status, { detail: maskSecrets(detail), hint });
        return value;
      } catch (error) {
        if (error instanceof InterruptedError) throw error;
        const failure = describeError(toLostDirectory(error) ?? error);
        const earlier = checks.find(
          ({ status, detail }) => status === "failed" && detail === failure.detail,
        );
        if (earlier) record(name, "skipped", { detail: `same cause as ${earlier.name}` });
        else record(name, "failed", failure);
        return undefined;
      }
    },
  };
}

/** Removes the advice to run `tokctl doctor`, which is running. */
const withoutDoctor = (hint: string): string =>
  hint.replaceAll(/ ?Diagnose with: tokctl doctor/g, "").replaceAll(/: tokctl doctor$/gm, ".");

/** Describes a `CliError` with its message, any other by its name: its message may contain secrets. */
function describeError(error: unknown): Pick<DoctorCheck, "detail" | "hint" | "code"> {
  if (error instanceof CliError)
    return {
      detail: maskSecrets(error.message),
      hint: maskSecrets(withoutDoctor([error.hint].flat().join("\n"))) || null,
      code: error.code,
    };
  return {
    detail: `A bug in tokctl: ${error instanceof Error ? error.name : typeof error}.`,
    hint: "Report the bug with the output of --debug.",
    code: "unexpected",
  };
}
