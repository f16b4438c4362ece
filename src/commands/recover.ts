import { Option } from "@commander-js/extra-typings";
import { action, type Define, type Example } from "../cli/command.ts";
import type { Timestamp } from "../core/time.ts";
import { describeToken, type Token } from "../core/token.ts";
import { CliError, InterruptedError, toErrorData, toHintLines } from "../errors.ts";
import { describeOperation, pastTense, tokenIdOf } from "../issuance/investigate.ts";
import { onLostOption } from "../issuance/issue.ts";
import { finish, type RecoverOptions, type RecoveryResult } from "../issuance/recover.ts";
import {
  chooseCases,
  groupEntries,
  type RecoveryCase,
  shortId,
  UndecidedError,
} from "../issuance/recovery-cases.ts";
import { type Result, show, type View } from "../output/view.ts";
import type { JournalEntry, Session } from "../session/session.ts";

export const examples: readonly Example[] = [
  { line: "tokctl recover", does: "look what became of what was interrupted, and finish it" },
  { line: "tokctl recover --list", does: "list what was interrupted, without a request" },
  { line: "tokctl recover --dry-run", does: "show what would be done, and change nothing" },
  { line: "tokctl recover --on-lost keep", does: "change no token, and remove the entries" },
];

/** What was interrupted, and how it ended. */
interface Recovered extends Partial<Omit<RecoveryResult, "outcome" | "token">> {
  /** The beginning of its id; null for what another process is doing. */
  readonly entry: string | null;
  readonly action: "create" | "renew";
  readonly begunAt: Timestamp;
  readonly provider: string;
  readonly url: string;
  readonly profile: string | null;
  readonly state: State;
  readonly id: string | null;
  readonly name: string | null;
  /** Null if it is still open; the error says why. */
  readonly outcome: RecoveryResult["outcome"] | null;
  /** What would be done. */
  readonly planned?: RecoveryResult["outcome"];
  readonly candidates?: readonly Token[];
}

/** `lost`: no response came. `delivering`: the secret was being handed over. `running`: it may still be. */
type State = "lost" | "delivering" | "running";

const lineOf = ({ action, id, name, outcome, planned, issued }: Recovered): string => {
  const token = id === null ? `"${name ?? "a token"}"` : describeToken({ id, name });
  const done = outcome ?? planned;
  if (done === "undone") return `${token} was not ${pastTense[action]}`;
  if (done === "gone") return `${token} is gone`;
  if (outcome === null) return `${token} would be ${planned}`;
  return `${outcome} ${token}${issued ? `: ${issued.token.reveal()}` : ""}`;
};

const lines = { kind: "lines", line: lineOf } as const;

const recoveriesView: View<Recovered> = {
  text: lines,
  description: lines,
  quietValue: ({ issued }) => issued?.token.reveal() ?? "",
};

const fields = [
  { key: "ENTRY", value: ({ entry }: Recovered) => entry, kind: "id" },
  { key: "ACTION", value: ({ action }: Recovered) => action },
  { key: "NAME", value: ({ name }: Recovered) => name },
  { key: "ID", value: ({ id }: Recovered) => id, kind: "id" },
  { key: "STATE", value: ({ state }: Recovered) => state },
  { key: "BEGUN", value: ({ begunAt }: Recovered) => begunAt, kind: "time" },
  { key: "PROVIDER", value: ({ provider }: Recovered) => provider },
  { key: "URL", value: ({ url }: Recovered) => url },
  { key: "PROFILE", value: ({ profile }: Recovered) => profile },
] as const;

const listView: View<Recovered> = {
  text: { kind: "table", columns: fields },
  description: { kind: "blocks", fields },
  quietValue: ({ entry }) => entry ?? "",
};

export const define: Define = (command, invocation) =>
  command
    .argument("[entry...]", "which: entries as --list shows them, or names or ids of tokens")
    .option("--list", "list what was interrupted, and send nothing")
    .option("--dry-run", "find out what would be done, and change nothing")
    .addOption(onLostOption())
    .addOption(
      new Option(
        "--candidate <id>",
        "the token that came of it, where several tokens may have; with one entry",
      ),
    )
    .action(
      action(invocation, async (session, references, options) => {
        const { entries, running, broken } = await session.journal();
        const cases = chooseCases(groupEntries(entries), references);
        if (options.list) return showList(cases, references.length > 0 ? [] : running, broken);
        if (options.candidate !== undefined && cases.length !== 1)
          throw new CliError("usage", "--candidate needs exactly one entry.", {
            hint: "Name the entry: tokctl recover ENTRY --candidate ID; tokctl recover --list shows them.",
          });
        const wishes = {
          remedy: options.onLost,
          candidate: options.candidate,
          isDryRun: options.dryRun === true,
        };
        return showRecoveries(await recoverAll(session, cases, wishes), {
          broken,
          running: running.length,
        });
      }),
    );

/** What came of several cases, as far as they went. */
interface Progress {
  readonly recoveries: readonly Recovered[];
  /** So many another process has taken over. */
  readonly busy: number;
  readonly stopped: InterruptedError | undefined;
}

async function recoverAll(
  session: Session,
  cases: readonly RecoveryCase[],
  wishes: RecoverOptions,
): Promise<Progress> {
  const recoveries: Recovered[] = [];
  let busy = 0;
  for (const each of cases)
    try {
      const recovery = await recover(session, each, wishes);
      if (recovery) recoveries.push(recovery);
      else busy++;
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      // Secrets that were made by then are still to be written.
      return { recoveries, busy, stopped: error };
    }
  return { recoveries, busy, stopped: undefined };
}

/** What was not recovered. */
interface Rest {
  readonly broken: readonly CliError[];
  /** So many may still be going on. */
  readonly running: number;
}

const toData = ({ issued, error, end, planned, candidates = [], ...rest }: Recovered) => ({
  ...rest,
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

function showList(
  cases: readonly RecoveryCase[],
  running: readonly JournalEntry[],
  broken: readonly CliError[],
): Result {
  const items: readonly Recovered[] = [
    ...cases.flatMap((entries) =>
      entries.map((entry) => ({ ...describe(entry, stateOf(entry)), entry: shortId(entry) })),
    ),
    ...running.map((entry) => describe(entry, "running")),
  ];
  return show(items.map(toData), listView, {
    items,
    notes: items.length === 0 && broken.length === 0 ? [nothing] : [],
    failure: failureOf(broken),
  });
}

const nothing = { text: "Nothing was interrupted: there is nothing to recover." };

function showRecoveries(
  { recoveries, busy, stopped }: Progress,
  { broken, running }: Rest,
): Result {
  const failure =
    stopped ?? failureOf([...recoveries.flatMap(({ error = [] }) => error), ...broken]);
  const left = running + busy;
  const isNothing = recoveries.length === 0 && left === 0 && !failure;
  return show(recoveries.map(toData), recoveriesView, {
    items: recoveries.filter(({ outcome, planned }) => outcome !== null || planned !== undefined),
    notes: [
      ...(isNothing ? [nothing] : []),
      ...(left > 0 ? [{ text: `Left alone, for it may still be going on: ${left}.` }] : []),
    ],
    ...(recoveries.some(({ issued }) => issued) && {
      ifUnwritten: async (cause) => unwritten(cause),
    }),
    whenWritten() {
      for (const { end } of recoveries) end?.();
    },
    failure,
  });
}

const unwritten = (cause: unknown) =>
  new CliError("outcome_unknown", "The new secrets can't be written to stdout, and are lost.", {
    hint: "tokctl recover --on-lost renew makes others.",
    cause,
  });

const failureOf = (errors: readonly CliError[]): CliError | undefined =>
  errors.length === 0
    ? undefined
    : new CliError("outcome_unknown", `${errors.length} of what was interrupted is still open.`, {
        hint: errors.flatMap(toHintLines),
      });

const stateOf = ({ made }: JournalEntry): State => (made ? "delivering" : "lost");

function describe(entry: JournalEntry, state: State): Recovered {
  const { attempt, at, place } = entry;
  const { name } = attempt.kind === "create" ? attempt.wanted : attempt.token;
  return {
    entry: null,
    action: attempt.kind,
    begunAt: at,
    provider: place.provider,
    url: place.url,
    profile: place.profile ?? null,
    state,
    id: tokenIdOf(entry) ?? null,
    name,
    outcome: null,
  };
}

/** What is in the way of one must not keep the others from being recovered. */
async function recover(
  session: Session,
  entries: RecoveryCase,
  wishes: RecoverOptions,
): Promise<Recovered | undefined> {
  const [first] = entries;
  const begun = { ...describe(first, stateOf(first)), entry: shortId(first) };
  try {
    const ending = await finish(session.forTarget(first.place), entries, wishes);
    if (!ending) return undefined;
    const { token, outcome, ...rest } = ending;
    return {
      ...begun,
      ...(token && { id: token.id, name: token.name }),
      ...(wishes.isDryRun ? { planned: outcome } : { outcome, ...rest }),
    };
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    const { code, message, hint, requestId } = error;
    return {
      ...begun,
      ...(error instanceof UndecidedError && { candidates: error.candidates }),
      error: new CliError(
        code,
        `${describeOperation(first.attempt)} was being ${pastTense[first.attempt.kind]} when it was interrupted: ${message}`,
        {
          hint: [hint, ...(code === "outcome_unknown" ? [] : waysOut(first, code))].flat(),
          requestId,
        },
      ),
    };
  }
}

/** The commands that end an entry which can't be looked into. */
const waysOut = (entry: RecoveryCase[0], code: string) => [
  ...(code === "unauthenticated" && tokenIdOf(entry) !== undefined
    ? [`With another credential: tokctl recover ${shortId(entry)} --on-lost renew`]
    : []),
  `To change nothing and remove the entry: tokctl recover ${shortId(entry)} --on-lost keep`,
];
