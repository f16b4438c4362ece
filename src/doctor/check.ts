import type { CredentialStore } from "../config/credential-store.ts";
import type { Profiles } from "../config/profiles.ts";
import type { Transport } from "../core/connection.ts";
import { maskSecrets } from "../core/secret.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { CliError, type ErrorCode, InterruptedError, toLostDirectory } from "../errors.ts";
import type { Host, Network } from "../host/host.ts";
import type { JournalContents } from "../issuance/journal/journal.ts";
import type { ChosenCredential } from "../session/credential.ts";
import type { Target } from "../session/target.ts";

/** One row of `tokctl doctor`. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** The finding, with secrets masked. */
  readonly detail: string;
  /** The next step, for a warning or failure. */
  readonly hint: string | null;
  /** The error code of a command that fails for the same reason. */
  readonly code: ErrorCode | null;
}

/** The result of a check that did not fail. */
export interface CheckResult<T> {
  readonly detail: string;
  /** The next step; makes the check a warning. */
  readonly hint?: string | undefined;
  /** The check does not apply here. */
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

/** The session state that the checks read. Members throw the errors that a command would end with. */
export interface DoctorContext {
  readonly host: Host;
  readonly target: Target;
  /** The configuration directory; undefined if there is none. */
  readonly folder: string | undefined;
  readonly profiles: Profiles;
  readonly credentials: CredentialStore;
  /** Reads the journal of earlier runs. */
  readonly journal: () => Promise<JournalContents>;
  /** Returns the name of the profile: the named one, else the current one. */
  readonly profileName: () => string | undefined;
  readonly credential: () => Promise<ChosenCredential>;
  /** Reads the certificates of the target. */
  readonly network: () => Promise<Network>;
  /** Makes a transport without retries. */
  readonly transport: (network: Network) => Transport;
  readonly tokens: () => Promise<TokenProvider>;
}

/** Returns a `RunCheck` and the rows that it records. An error fails its check only. */
export function createCheckRunner(): {
  readonly checks: readonly Check[];
  readonly runCheck: RunCheck;
} {
  const checks: Check[] = [];
  const record = (name: string, status: Check["status"], rest: Partial<Check>) =>
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
        record(name, "failed", describeError(toLostDirectory(error) ?? error));
        return undefined;
      }
    },
  };
}

/** Describes a `CliError` with its message, any other by its name: its message may contain secrets. */
function describeError(error: unknown): Pick<Check, "detail" | "hint" | "code"> {
  if (error instanceof CliError)
    return {
      detail: maskSecrets(error.message),
      hint: maskSecrets([error.hint].flat().join("\n")) || null,
      code: error.code,
    };
  return {
    detail: `A bug in tokctl: ${error instanceof Error ? error.name : typeof error}.`,
    hint: "Report the bug with the output of --debug.",
    code: "unexpected",
  };
}
