import { capitalize } from "../../core/text.ts";
import { describeToken, type Token } from "../../core/token.ts";
import { CliError, type InterruptedError, toErrorData, toHintLines } from "../../errors.ts";
import type { RecoveryOutcome, RecoveryResult } from "../../issuance/recover.ts";
import type { JournalEntry } from "../../journal/journal-entry.ts";
import { pastTense, tokenIdOf } from "../../journal/pending-operation.ts";
import { type Result, show, type View } from "../../output/view.ts";
import type { Session } from "../../session/session.ts";

/** An interrupted operation, and the result of its recovery if there was one. */
export interface RecoveryRow extends Partial<Omit<RecoveryResult, "outcome" | "token">> {
  /** The short ID of the journal entry; null for an operation of a running process. */
  readonly entry: string | null;
  readonly action: "create" | "renew";
  readonly begunAt: string;
  readonly provider: string;
  readonly url: string;
  readonly profile: string | null;
  readonly state: EntryState;
  readonly id: string | null;
  readonly name: string | null;
  /** Null if the entry is still open: `error` has the reason. */
  readonly outcome: RecoveryOutcome | null;
  /** The outcome that a dry run determined. */
  readonly planned?: RecoveryOutcome;
  readonly candidates?: readonly Token[];
}

/** `lost`: no response arrived. `delivering`: the delivery was interrupted. `running`: not ended yet. */
type EntryState = "lost" | "delivering" | "running";

/** Returns the row of an entry before its recovery. */
export function toRow(entry: JournalEntry, shortId: string): RecoveryRow {
  return { ...toRunningRow(entry), entry: shortId, state: entry.issued ? "delivering" : "lost" };
}

/** Returns the row of an operation that another process is running. */
export function toRunningRow(entry: JournalEntry): RecoveryRow {
  const { operation, startedAt, target } = entry;
  const { name } = operation.kind === "create" ? operation.wanted : operation.token;
  return {
    entry: null,
    action: operation.kind,
    begunAt: startedAt,
    provider: target.provider,
    url: target.url,
    profile: target.profile ?? null,
    state: "running",
    id: tokenIdOf(entry) ?? null,
    name,
    outcome: null,
  };
}

function describeRow({ action, id, name, outcome, planned }: RecoveryRow): string {
  const token = `token ${id === null ? `"${name ?? ""}"` : describeToken({ id, name })}`;
  const result = outcome ?? planned;
  if (result === "undone") return `${capitalize(token)} was not ${pastTense[action]}.`;
  if (result === "gone") return `${capitalize(token)} no longer exists.`;
  if (outcome === null) return `${capitalize(token)} would be ${planned}.`;
  if (outcome === "forgotten") return `Removed the entry of ${token}.`;
  return `${capitalize(outcome)} ${token}.`;
}

const secretOf = ({ issued }: RecoveryRow): string => issued?.token.reveal() ?? "";

/** Returns the line of a row in a pipe: with its secret, so that a program finds it next to the token. */
const toLine = (row: RecoveryRow): string =>
  row.issued ? describeRow(row).replace(/\.$/, `: ${secretOf(row)}`) : describeRow(row);

const lines = { kind: "lines", line: toLine } as const;

const resultView: View<RecoveryRow> = {
  text: lines,
  description: lines,
  quietValue: secretOf,
};

/** The view of a secret at a terminal: alone on its line, where it is easy to copy. */
function secretView(count: number): View<RecoveryRow> {
  const line = (row: RecoveryRow) => (count === 1 ? secretOf(row) : `${row.id} ${secretOf(row)}`);
  const layout = { kind: "lines", line } as const;
  return { text: layout, description: layout, quietValue: secretOf };
}

const fields = [
  { key: "ENTRY", value: ({ entry }: RecoveryRow) => entry, kind: "id" },
  { key: "ACTION", value: ({ action }: RecoveryRow) => action },
  { key: "NAME", value: ({ name }: RecoveryRow) => name },
  { key: "ID", value: ({ id }: RecoveryRow) => id, kind: "id" },
  { key: "STATE", value: ({ state }: RecoveryRow) => state },
  { key: "STARTED", value: ({ begunAt }: RecoveryRow) => begunAt, kind: "time" },
  { key: "PROVIDER", value: ({ provider }: RecoveryRow) => provider },
  { key: "URL", value: ({ url }: RecoveryRow) => url },
  { key: "PROFILE", value: ({ profile }: RecoveryRow) => profile },
] as const;

const listView: View<RecoveryRow> = {
  text: { kind: "table", columns: fields },
  description: { kind: "blocks", fields },
  quietValue: ({ entry }) => entry ?? "",
};

const toData = ({ issued, error, close, planned, candidates = [], ...row }: RecoveryRow) => ({
  ...row,
  planned: planned ?? null,
  candidates: candidates.map(({ id, name, createdAt, updatedAt, version }) => ({
    id,
    name,
    createdAt,
    updatedAt,
    version,
  })),
  token: issued?.token.reveal() ?? null,
  error: error ? toErrorData(error) : null,
});

const emptyNote = { text: "No interrupted operations." };

/**
 * `--list`: one row per entry.
 * @param broken the errors of invalid journal files.
 */
export const showEntries = (rows: readonly RecoveryRow[], broken: readonly CliError[]): Result =>
  show(rows.map(toData), listView, {
    items: rows,
    notes: rows.length === 0 && broken.length === 0 ? [emptyNote] : [],
    failure: summarizeErrors(broken),
  });

/** Everything that a run of `tokctl recover` found and did. */
export interface RecoveryReport {
  readonly rows: readonly RecoveryRow[];
  /** The number of operations that other processes are running or recovering. */
  readonly running: number;
  /** The errors of invalid journal files. */
  readonly broken: readonly CliError[];
  /** Set if the run was interrupted before it recovered all entries. */
  readonly interruption: InterruptedError | undefined;
}

/**
 * Shows the results, and closes the journal entries once they are written. At a terminal, new secrets
 * follow the sentences about them.
 */
export async function showRecoveries(
  { host, say }: Pick<Session, "host" | "say">,
  { rows, running, broken, interruption }: RecoveryReport,
): Promise<Result> {
  const errors = [...rows.flatMap(({ error = [] }) => error), ...broken];
  const failure = interruption ?? summarizeErrors(errors);
  const isEmpty = rows.length === 0 && running === 0 && !failure;
  const known = rows.filter(({ outcome, planned }) => outcome !== null || planned !== undefined);
  const secrets = rows.filter(({ issued }) => issued);
  const hasSecrets = secrets.length > 0;
  const isApart = hasSecrets && host.stdout.isTTY === true;
  if (isApart)
    await say({
      text: [
        ...known.map(describeRow),
        secrets.length === 1
          ? "The secret is shown only once: store it now."
          : "The secrets are shown only once: store them now.",
      ],
    });
  return show(rows.map(toData), isApart ? secretView(secrets.length) : resultView, {
    items: isApart ? secrets : known,
    notes: [
      ...(isEmpty ? [emptyNote] : []),
      ...(running > 0 ? [{ text: `Skipped operations of running processes: ${running}.` }] : []),
    ],
    ...(hasSecrets && { onWriteError: async (cause: unknown) => toUnwrittenError(cause) }),
    async onWritten() {
      for (const { close } of rows) close?.();
      return undefined;
    },
    failure,
  });
}

const toUnwrittenError = (cause: unknown) =>
  new CliError("outcome_unknown", "Cannot write the new secrets to stdout. They are lost.", {
    hint: "To create new ones: tokctl recover --on-lost renew",
    cause,
  });

const summarizeErrors = (errors: readonly CliError[]): CliError | undefined =>
  errors.length === 0
    ? undefined
    : new CliError(
        "outcome_unknown",
        `${errors.length} interrupted operation${errors.length === 1 ? " was" : "s were"} not recovered.`,
        {
          hint: errors.flatMap(toHintLines),
        },
      );
