import type { Context, Unfinished } from "../context.ts";
import type { Timestamp } from "../core/time.ts";
import { describeToken } from "../core/token.ts";
import { CliError, InterruptedError, toErrorData, toHintLines } from "../errors.ts";
import { type Result, show, type View } from "../output/view.ts";
import { action, type Define, type Example } from "./command.ts";
import { onLostOption, type Remedy } from "./token/attempt.ts";
import { type Ending, finish } from "./token/finish.ts";
import { doneWords, nameOf } from "./token/settle.ts";

export const examples: readonly Example[] = [
  { line: "tokctl recover", does: "look what became of what was cut off, and finish it" },
  { line: "tokctl recover --on-lost keep", does: "touch no token, and forget what was cut off" },
];

/** What was cut off, and how it ended. */
interface Recovery extends Omit<Ending, "outcome" | "token" | "end"> {
  readonly action: "create" | "renew";
  readonly begunAt: Timestamp;
  readonly id: string | null;
  readonly name: string | null;
  /** Null if it is still open; the error says why. */
  readonly outcome: Ending["outcome"] | null;
  readonly end?: Ending["end"];
}

const lineOf = ({ action, id, name, outcome, issued }: Recovery): string => {
  const token = id === null ? `"${name ?? "a token"}"` : describeToken({ id, name });
  if (outcome === "undone") return `${token} was not ${doneWords[action]}`;
  if (outcome === "gone") return `${token} is gone`;
  return `${outcome} ${token}${issued ? `: ${issued.token.reveal()}` : ""}`;
};

const lines = { kind: "lines", line: lineOf } as const;

const recoveriesView: View<Recovery> = {
  text: lines,
  description: lines,
  essence: ({ issued }) => issued?.token.reveal() ?? "",
};

export const define: Define = (command, invocation) =>
  command.addOption(onLostOption()).action(
    action(invocation, async (context, { onLost }) => {
      const { entries, others, broken } = await context.unfinished();
      const recoveries: Recovery[] = [];
      let stopped: InterruptedError | undefined;
      for (const entry of entries)
        try {
          recoveries.push(await recover(context, entry, onLost));
        } catch (error) {
          if (!(error instanceof InterruptedError)) throw error;
          // Secrets that were made by then are still to be written.
          stopped = error;
          break;
        }
      return showRecoveries(recoveries, {
        stopped,
        broken,
        running: others.filter(({ made }) => !made).length,
      });
    }),
  );

/** What was not recovered. */
interface Rest {
  readonly stopped: InterruptedError | undefined;
  readonly broken: readonly CliError[];
  /** So many may still be going on. */
  readonly running: number;
}

function showRecoveries(recoveries: readonly Recovery[], rest: Rest): Result {
  const data = recoveries.map(({ issued, error, end, ...rest }) => ({
    ...rest,
    token: issued?.token.reveal() ?? null,
    error: error ? toErrorData(error) : null,
  }));
  const failure = failureOf(recoveries, rest);
  const isNothing = recoveries.length === 0 && rest.running === 0 && !failure;
  return show(data, recoveriesView, {
    items: recoveries.filter(({ outcome }) => outcome !== null),
    notes: [
      ...(isNothing ? [{ text: "Nothing was cut off: there is nothing to recover." }] : []),
      ...(rest.running > 0
        ? [{ text: `Left alone, for it may still be going on: ${rest.running}.` }]
        : []),
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

function failureOf(
  recoveries: readonly Recovery[],
  { stopped, broken }: Rest,
): CliError | undefined {
  const errors = [...recoveries.flatMap(({ error = [] }) => error), ...broken];
  const failure =
    errors.length === 0
      ? undefined
      : new CliError("outcome_unknown", `${errors.length} of what was cut off is still open.`, {
          hint: errors.flatMap(toHintLines),
        });
  return stopped ?? failure;
}

/** What is in the way of one must not keep the others from being recovered. */
async function recover(
  context: Context,
  entry: Unfinished,
  remedy: Remedy | undefined,
): Promise<Recovery> {
  const { attempt, at: begunAt } = entry;
  const { id, name } =
    attempt.kind === "create" ? { id: null, name: attempt.wanted.name } : attempt.token;
  const begun = { action: attempt.kind, begunAt, id, name };
  try {
    const { token, ...ending } = await finish(context.returnTo(entry.place), entry, remedy);
    return { ...begun, ...(token && { id: token.id, name: token.name }), ...ending };
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    const { code, message, hint, requestId } = error;
    return {
      ...begun,
      outcome: null,
      error: new CliError(
        code,
        `${nameOf(attempt)} was being ${doneWords[attempt.kind]} when it was cut off, and what became of it is open: ${message}`,
        { hint: [hint, "To forget about it: tokctl recover --on-lost keep"].flat(), requestId },
      ),
    };
  }
}
