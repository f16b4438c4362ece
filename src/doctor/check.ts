import { maskSecrets } from "../core/secret.ts";
import { CliError, type ErrorCode, InterruptedError, toLostDirectory } from "../errors.ts";

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** What was found; secrets are masked. */
  readonly detail: string;
  /** What to do about it. */
  readonly hint: string | null;
  /** The code of the error that a command would end with. */
  readonly code: ErrorCode | null;
}

/** What looking found. */
export interface CheckResult<T> {
  readonly detail: string;
  /** What to do: the finding is a warning. */
  readonly hint?: string | undefined;
  /** There was nothing to look at. */
  readonly skipped?: boolean;
  /** What later checks need. */
  readonly found: T;
}

/** Looks at one thing; without `look`, something that it needs was not found. */
export type Examine = <T>(
  name: string,
  look: (() => CheckResult<T> | Promise<CheckResult<T>>) | undefined,
) => Promise<T | undefined>;

/** Takes down what is found. What one thing meets keeps nothing else from being looked at. */
export function createRecord(): { readonly checks: readonly Check[]; readonly examine: Examine } {
  const checks: Check[] = [];
  const note = (name: string, status: Check["status"], rest: Partial<Check>) =>
    checks.push({ name, status, detail: "", hint: null, code: null, ...rest });
  return {
    checks,
    async examine(name, look) {
      if (!look) {
        note(name, "skipped", { detail: "something above has to be mended first" });
        return undefined;
      }
      try {
        const { detail, hint = null, skipped = false, found } = await look();
        const status = skipped ? "skipped" : hint === null ? "ok" : "warning";
        note(name, status, { detail: maskSecrets(detail), hint });
        return found;
      } catch (error) {
        if (error instanceof InterruptedError) throw error;
        note(name, "failed", describeError(toLostDirectory(error) ?? error));
        return undefined;
      }
    },
  };
}

/** A CliError is for people; of any other only the name, for its message may quote anything. */
function describeError(error: unknown): Pick<Check, "detail" | "hint" | "code"> {
  if (error instanceof CliError)
    return {
      detail: maskSecrets(error.message),
      hint: maskSecrets([error.hint].flat().join("\n")) || null,
      code: error.code,
    };
  return {
    detail: `A bug in tokctl: ${error instanceof Error ? error.name : typeof error}.`,
    hint: "Please report it.",
    code: "unexpected",
  };
}
