import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../../cli/command.ts";
import { CanceledError, CliError, InterruptedError, UsageError } from "../../errors.ts";
import { recoverCase } from "../../issuance/recover.ts";
import {
  groupEntries,
  type RecoverOptions,
  type RecoveryCase,
  selectCases,
  shortEntryId,
} from "../../issuance/recovery-case.ts";
import { AmbiguousRecoveryError, closeHint } from "../../issuance/recovery-errors.ts";
import type { InterruptedEntry } from "../../journal/journal.ts";
import { describeOperation, tokenIdOf } from "../../journal/pending-operation.ts";
import type { Session } from "../../session/session.ts";
import { onLostOption } from "../shared/destination-options.ts";
import {
  type RecoveryReport,
  type RecoveryRow,
  showEntries,
  showRecoveries,
  toRow,
  toRunningRow,
} from "./views.ts";

export const effect = "change";

export const examples: readonly Example[] = [
  { line: "tokctl recover", title: "Recover all interrupted operations" },
  { line: "tokctl recover --list", title: "List interrupted operations without a request" },
  { line: "tokctl recover --dry-run", title: "Show the planned changes" },
  {
    line: "tokctl recover --on-lost keep",
    title: "Keep the tokens as they are and remove the entries",
  },
];

export const seeAlso = ["token create", "token renew"];

export const define: Define = (command, invocation) =>
  command
    .argument("[entry...]", "Entry IDs from --list, or names or IDs of tokens (default: all)")
    .option("--list", "List interrupted operations and send no requests")
    .option("--dry-run", "Show the planned changes and change nothing")
    .addOption(
      onLostOption(
        "Action for tokens with a lost secret: revoke (delete the token), renew (issue a new secret) or keep (default: revoke new tokens, renew others)",
      ),
    )
    .addOption(new Option("--candidate <id>", "ID of the token to recover if several are possible"))
    .action(
      action(invocation, async (session, references, options) => {
        const { entries, running, broken } = await session.journal.read();
        const cases = selectCases(groupEntries(entries), references);
        if (options.list) {
          const others = references.length > 0 ? [] : running.map(toRunningRow);
          return showEntries([...cases.flat().map(toEntryRow), ...others], broken);
        }
        if (options.candidate !== undefined && cases.length !== 1)
          throw new UsageError("--candidate requires exactly one entry.", {
            hint: "Run tokctl recover --list, then: tokctl recover ENTRY --candidate ID",
          });
        const report = await recoverAll(session, cases, {
          onLost: options.onLost,
          candidate: options.candidate,
          isDryRun: options.dryRun === true,
        });
        return showRecoveries(session, {
          ...report,
          broken,
          running: report.running + running.length,
        });
      }),
    );

const toEntryRow = (entry: InterruptedEntry): RecoveryRow => toRow(entry, shortEntryId(entry));

/** Recovers cases one after the other. An error of one doesn't prevent the others; ^C does. */
async function recoverAll(
  session: Session,
  cases: readonly RecoveryCase[],
  options: RecoverOptions,
): Promise<Omit<RecoveryReport, "broken">> {
  const rows: RecoveryRow[] = [];
  let running = 0;
  for (const each of cases)
    try {
      const row = await recoverToRow(session, each, options);
      if (row) rows.push(row);
      else running++;
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      const interruption =
        error instanceof CanceledError && rows.length > 0
          ? new InterruptedError("No action was chosen.", session.host.interrupt)
          : error;
      // The secrets of the cases before this one still have to be printed.
      return { rows, running, interruption };
    }
  return { rows, running, interruption: undefined };
}

/** @returns undefined if another process is recovering the case. */
async function recoverToRow(
  session: Session,
  entries: RecoveryCase,
  options: RecoverOptions,
): Promise<RecoveryRow | undefined> {
  const [entry] = entries;
  const row = toEntryRow(entry);
  try {
    const result = await recoverCase(session.forTarget(entry.target), entries, options);
    if (!result) return undefined;
    const { token, outcome, ...rest } = result;
    return {
      ...row,
      ...(token && { id: token.id, name: token.name }),
      ...(options.isDryRun ? { planned: outcome } : { outcome, ...rest }),
    };
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return {
      ...row,
      ...(error instanceof AmbiguousRecoveryError && { candidates: error.candidates }),
      error: toCaseError(error, entry),
    };
  }
}

/** Adds the operation to the message of an error, and to its hint the commands that close the entry. */
function toCaseError(error: CliError, entry: InterruptedEntry): CliError {
  const { code, message, hint, requestId } = error;
  const { operation } = entry;
  const isExplained = code === "outcome_unknown";
  return new CliError(
    code,
    `Interrupted ${operation.kind} of ${describeOperation(operation)}: ${message}`,
    { hint: [hint, isExplained ? [] : hintsToClose(entry, code)].flat(2), requestId },
  );
}

const hintsToClose = (entry: InterruptedEntry, code: CliError["code"]): readonly string[] => [
  ...(code === "unauthenticated" && tokenIdOf(entry) !== undefined
    ? [`With another credential: tokctl recover ${shortEntryId(entry)} --on-lost renew`]
    : []),
  closeHint(entry),
];
