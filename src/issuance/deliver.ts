import { Option } from "@commander-js/extra-typings";
import { formatTerms, helpWidth } from "../cli/help/page.ts";
import { repeatable } from "../cli/options.ts";
import { showIssued, showSent, tokenArguments } from "../cli/token-views.ts";
import { describeToken, type IssuedToken } from "../core/token.ts";
import { CliError, InterruptedError, toHintLines, UsageError } from "../errors.ts";
import { requireWritable } from "../output/safe.ts";
import type { Note, Result } from "../output/view.ts";
import { type Deliveries, type Session, sinkKinds } from "../session/session.ts";
import type { IssuedSecret } from "./lost-secret.ts";

/** Where the secret is to go. */
interface Places {
  readonly to?: readonly string[] | undefined;
  readonly force?: boolean | undefined;
  /** The other user whose token it is. */
  readonly user?: string | undefined;
}

/** A secret that was just made. */
interface Issue extends IssuedSecret {
  /** Whether the token is new too, or was there before. */
  readonly isNew: boolean;
  /** Said after the result. */
  readonly notes?: readonly Note[];
  /** What went wrong although the secret was made. */
  readonly failure?: CliError | undefined;
}

export const toOption = () =>
  new Option("--to <place>", "send the secret there and print it nowhere; repeatable").argParser(
    repeatable,
  );

export const forceOption = () => new Option("--force", "let --to file:PATH replace a file");

/** @throws UsageError for a `--force` that no place has a use for. */
export function checkForce({ to = [], force }: Places): void {
  if (force && !to.some((place) => place.startsWith("file:")))
    throw new UsageError("--force has no effect without --to file:PATH.", {
      hint: "Leave out --force, or add --to file:PATH, whose file it replaces.",
    });
}

/** What help says of the places for `--to`. */
export function placesHelp(columns: number | undefined): string {
  const terms = sinkKinds.map(({ form, title }) => ({ term: form, text: title }));
  return ["", "Places for --to:", formatTerms(terms, columns || helpWidth)].join("\n");
}

/**
 * Has a secret made, and sends it where it is to go, or shows it. Places are opened before it is
 * made and get it before anything is shown.
 */
export async function issue(
  session: Session,
  { to, force = false, user }: Places,
  make: () => Promise<Issue>,
): Promise<Result> {
  if (!to) {
    requireWritable(session.host.stdout);
    const made = await make();
    const { issued, said, notes = [], failure, entry } = made;
    const text = [...said, "The secret is shown only once: store it now."];
    return showIssued(issued, [{ text }, ...notes], failure, {
      whenWritten: entry.end,
      ifUnwritten: (cause) => saveUnwritten(session, made, user, cause),
    });
  }
  const deliveries = await session.openSinks(to, force);
  return send(session, deliveries, await makeOrDiscard(make, deliveries), user);
}

/** What becomes of a secret that can't be written to stdout. */
async function saveUnwritten(
  session: Session,
  made: Issue,
  user: string | undefined,
  cause: unknown,
): Promise<CliError> {
  const { message, hint, isLost } = await rescue(session, made, user, {
    untaken: `The secret of ${describeToken(made.issued)} can't be written to stdout`,
    again: `To make another: ${renewal(made.issued, user)}`,
  });
  const { failure } = made;
  return new CliError(isLost ? "outcome_unknown" : "partial", message, {
    hint: [...(failure ? toHintLines(failure) : []), ...hint, "Check where stdout goes."],
    cause,
  });
}

async function makeOrDiscard(make: () => Promise<Issue>, deliveries: Deliveries): Promise<Issue> {
  try {
    return await make();
  } catch (error) {
    await deliveries.discard();
    throw error;
  }
}

async function send(
  session: Session,
  deliveries: Deliveries,
  made: Issue,
  user: string | undefined,
): Promise<Result> {
  const { issued, said, notes = [], failure, entry } = made;
  const sent = await deliveries.deliver(issued.token);
  await session.say({ text: said });
  const arrived = sent.filter(({ error }) => !error).map(({ to }) => to);
  if (arrived.length > 0) {
    entry.end();
    await session.say({ text: `Its secret went to ${arrived.join(", ")}.` });
  }
  const errors = sent.flatMap(({ error = [] }) => error);
  if (errors.length === 0) return showSent(issued, sent, notes, failure);

  if (failure) await session.say({ text: toHintLines(failure), always: true });
  const again = `To send another to all of them: ${renewal(issued, user)} --to …`;
  const untaken = `No place took the secret of ${describeToken(issued)}`;
  const outcome: Outcome =
    arrived.length > 0
      ? {
          message: `The secret of ${describeToken(issued)} did not go everywhere: it is in ${arrived.join(", ")}.`,
          hint: [again],
        }
      : await rescue(session, made, user, { untaken, again });
  const { message, hint, isGone = false } = outcome;
  const { interrupt } = session.host;
  const details = { hint: [...errors.flatMap(toHintLines), ...hint] };
  const error = interrupt.aborted
    ? new InterruptedError(message, interrupt, details)
    : new CliError("partial", message, details);
  if (isGone) throw error;
  return showSent(issued, sent, notes, error);
}

/** How a secret that no place took ended. */
interface Outcome {
  readonly message: string;
  readonly hint: readonly string[];
  /** Of the token nothing is left. */
  readonly isGone?: boolean;
  /** Nobody has the secret, and the token is there. */
  readonly isLost?: boolean;
}

/** Shows a secret that no place took, or leaves no new token behind whose secret nobody has. */
async function rescue(
  session: Session,
  { issued, isNew, entry }: Issue,
  user: string | undefined,
  { untaken, again }: { readonly untaken: string; readonly again: string },
): Promise<Outcome> {
  if (session.interactive) {
    await session.say({ text: `${untaken}, so it is shown here, this once:`, always: true });
    await session.showSecret(issued.token);
    entry.end();
    return { message: `${untaken}; it is shown above.`, hint: [] };
  }
  if (!isNew)
    return {
      message: `${untaken}: it is lost, and the old one is dead.`,
      hint: [again],
      isLost: true,
    };
  try {
    // Neither ^C nor a delivery that took long stops this.
    session.ensureTime();
    await (await session.reconnect({ heedless: true })).delete(issued, user);
    entry.end();
    return { message: `${untaken}: the new token was deleted again.`, hint: [], isGone: true };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return {
      message: `${untaken}: it is lost, but the token is still there.`,
      hint: [
        `It could not be deleted: ${error.message}`,
        `Delete it: tokctl token delete ${tokenArguments(issued, user)}`,
      ],
      isLost: true,
    };
  }
}

const renewal = (issued: IssuedToken, user: string | undefined) =>
  `tokctl token renew ${tokenArguments(issued, user)}`;
