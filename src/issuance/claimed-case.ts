import type { Token } from "../core/token.ts";
import type { OpenEntry } from "../journal/open-entry.ts";
import type { Session } from "../session/session.ts";
import { mayHaveCreated } from "./classify.ts";
import type { LostSecretAction } from "./lost-secret.ts";
import type { RecoveryCase } from "./recovery-cases.ts";

/** The options of `tokctl recover`. */
export interface RecoverOptions {
  /** The value of `--on-lost`; undefined to prompt or to use the default. */
  readonly onLost: LostSecretAction | undefined;
  /** The ID of the token that the operation created, if several are possible. */
  readonly candidate: string | undefined;
  /** Whether to determine the outcome and change nothing. */
  readonly isDryRun: boolean;
}

/** A recovery case whose journal entries this process has claimed. */
export interface ClaimedCase extends RecoverOptions {
  readonly session: Session;
  readonly entries: RecoveryCase;
  /** The claimed entries. Empty in a dry run, which claims nothing. */
  readonly claimed: readonly OpenEntry[];
  /** Closes the entries of this case. */
  readonly close: () => void;
}

/**
 * Claims the entries of a case. If another process has claimed one of them, releases the others. A
 * dry run claims nothing.
 * @returns undefined if another process has claimed an entry.
 * @throws UsageError
 */
export function claimCase(
  session: Session,
  entries: RecoveryCase,
  options: RecoverOptions,
): ClaimedCase | undefined {
  const claimed: OpenEntry[] = [];
  for (const entry of options.isDryRun ? [] : entries) {
    const open = entry.claim();
    if (!open) {
      releaseAll(claimed);
      return undefined;
    }
    claimed.push(open);
  }
  const close = () => {
    for (const each of claimed) each.close();
  };
  return { ...options, session, entries, claimed, close };
}

/** Releases the claims, so that a later run can process the entries. */
export function releaseAll(claimed: readonly OpenEntry[]): void {
  for (const each of claimed) each.release();
}

/**
 * Reduces a case to the create that may have created the token. `close` then releases the other
 * entries.
 */
export function selectCreate(work: ClaimedCase, token: Token): ClaimedCase {
  const { entries, claimed } = work;
  const entry =
    entries.find(
      ({ operation }) => operation.kind === "create" && mayHaveCreated(operation, token),
    ) ?? entries[0];
  const own = claimed.filter((_, i) => entries[i] === entry);
  const close = () => {
    for (const each of claimed)
      if (own.includes(each)) each.close();
      else each.release();
  };
  return { ...work, entries: [entry], claimed: own, close };
}
