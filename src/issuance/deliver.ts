import type { Note } from "../core/message.ts";
import { tokenArguments } from "../core/target-options.ts";
import { describeToken, type IssuedToken, type Token } from "../core/token.ts";
import { CliError, InterruptedError, toHintLines, UsageError } from "../errors.ts";
import type { OutputStream } from "../host.ts";
import type { Session } from "../session/session.ts";
import type { Deliveries, DeliveryResult, DestinationRecord } from "../sinks/sink.ts";
import { type IssuedSecret, revokeToken } from "./lost-secret.ts";
import { describeReplacedSecrets, readEarlierRecords } from "./replaced-secrets.ts";

/** The values of `--to` and `--force`. */
export interface DestinationOptions {
  readonly to?: readonly string[] | undefined;
  readonly force?: boolean | undefined;
}

/** The destinations of a new secret, and the owner of its token. */
export interface DeliveryOptions extends DestinationOptions {
  /** The owner of the token, if it is another user. */
  readonly owner?: string | undefined;
}

/** A new secret with everything that is printed about it. */
export interface DeliverableSecret extends IssuedSecret {
  /** Whether the token is new. A new token is deleted if its secret can't be delivered. */
  readonly isNewToken: boolean;
  /** Printed after the result. */
  readonly notes?: readonly Note[];
  /** A failure after the secret was issued, for example to store it in a profile. It is reported once the secret is delivered. */
  readonly failure?: CliError | undefined;
  /** The previous token, which is deleted once all destinations have the secret of the new one. */
  readonly replaces?: Token | undefined;
}

/** The outcome of `issueAndDeliver`, which the command renders. */
export type SecretDelivery = SecretToPrint | SentSecret;

interface DeliveryOutcome {
  readonly issued: IssuedToken;
  /** Printed after the result. */
  readonly notes: readonly Note[];
  /** Reported after the result. */
  readonly failure: CliError | undefined;
}

/** A secret to print to stdout. */
export interface SecretToPrint extends DeliveryOutcome {
  readonly sent?: undefined;
  /**
   * Closes the journal entry and deletes the replaced token. Call it once the secret is written.
   * Returns the error to report.
   */
  readonly onWritten: () => Promise<CliError | undefined>;
  /** Rescues the secret if it can't be written; returns the error to throw. */
  readonly onWriteError: (cause: unknown) => Promise<CliError>;
}

/** A secret that was written to destinations. */
export interface SentSecret extends DeliveryOutcome {
  /** The result of each destination. */
  readonly sent: readonly DeliveryResult[];
}

/**
 * Issues a secret and delivers it: to the destinations of `--to`, or else to stdout. Destinations
 * are prepared before the secret is issued, and receive it before anything is printed. The journal
 * entry is closed once the secret is delivered.
 * @param issueSecret creates or renews the token; see `createToken` and `renewToken`.
 * @returns the secret to print, or the result of each destination, with a failure (exit code 9) if
 * some did not receive the secret.
 * @throws UsageError if a destination can't be prepared; then nothing was issued. CliError
 * `partial` if the secret was not delivered and the new token was deleted; errors of `issueSecret`.
 */
export async function issueAndDeliver(
  session: Session,
  { to, force = false, owner }: DeliveryOptions,
  issueSecret: () => Promise<DeliverableSecret>,
): Promise<SecretDelivery> {
  if (!to) {
    requireWritable(session.host.stdout);
    return prepareForStdout(session, await issueSecret(), owner);
  }
  const deliveries = await session.openSinks(to, force);
  const earlier = await readEarlierRecords(session, to);
  const secret = await issueSecret().catch(async (error: unknown) => {
    await deliveries.discard();
    throw error;
  });
  return sendSecret(session, deliveries, secret, owner, earlier);
}

/** Adds the callbacks for a secret to print to stdout: the caller prints it, then calls one of them. */
export function prepareForStdout(
  session: Session,
  secret: DeliverableSecret,
  owner: string | undefined,
): SecretToPrint {
  const { issued, messages, notes = [], failure, entry } = secret;
  const text = [...messages, "The secret is shown only once: store it now."];
  return {
    issued,
    notes: [{ text }, ...notes],
    failure,
    async onWritten() {
      entry.close();
      return deleteReplaced(session, secret, owner);
    },
    onWriteError: (cause) => rescueUnwritten(session, secret, owner, cause),
  };
}

/** Returns the error for a secret that can't be written to stdout. */
async function rescueUnwritten(
  session: Session,
  secret: DeliverableSecret,
  owner: string | undefined,
  cause: unknown,
): Promise<CliError> {
  const { issued, failure } = secret;
  const { message, hint, isLost, isTokenDeleted } = await rescueSecret(session, secret, owner, {
    problem: `Cannot write the secret of token ${describeToken(issued)} to stdout`,
    nextStep: `To create another secret: ${renewCommand(issued, owner)}`,
  });
  return new CliError(isLost ? "outcome_unknown" : "partial", message, {
    hint: [
      ...(failure ? toHintLines(failure) : []),
      ...hint,
      ...(isTokenDeleted ? [] : describeKept(secret, owner)),
      "Check the file or program that stdout is redirected to.",
    ],
    cause,
  });
}

async function sendSecret(
  session: Session,
  deliveries: Deliveries,
  secret: DeliverableSecret,
  owner: string | undefined,
  earlier: readonly DestinationRecord[],
): Promise<SentSecret> {
  const { issued, messages, notes = [], failure, entry } = secret;
  const sent = await deliveries.deliver(issued);
  await session.say({ text: messages });
  const delivered = sent.filter(({ error }) => !error).map(({ to }) => to);
  if (delivered.length > 0) {
    entry.close();
    // The result on stdout says the same, but stdout may be a file that can't be written.
    if (!session.host.stdout.isTTY)
      await session.say({ text: `Wrote the secret to ${delivered.join(", ")}.` });
    await session.say({ text: describeReplacedSecrets(secret, earlier, delivered) });
  }
  const errors = sent.flatMap(({ error = [] }) => error);
  if (errors.length === 0) {
    const notDeleted = await deleteReplaced(session, secret, owner);
    return { issued, sent, notes, failure: notDeleted ?? failure };
  }

  if (failure) await session.say({ text: toHintLines(failure), always: true });
  const nextStep = `To write a new secret to all destinations: ${renewCommand(issued, owner)} --to DESTINATION`;
  const rescue: Rescue =
    delivered.length > 0
      ? {
          message: `The secret of token ${describeToken(issued)} was written only to ${delivered.join(", ")}.`,
          hint: [nextStep],
        }
      : await rescueSecret(session, secret, owner, {
          problem: `The secret of token ${describeToken(issued)} was not written to any destination`,
          nextStep,
        });
  const hint = [
    ...errors.flatMap(toHintLines),
    ...rescue.hint,
    ...(rescue.isTokenDeleted ? [] : describeKept(secret, owner)),
  ];
  const error = toDeliveryError(session, rescue.message, hint);
  if (rescue.isTokenDeleted) throw error;
  return { issued, sent, notes, failure: error };
}

/**
 * Deletes the token that a new one replaces.
 * @returns the error if that fails: the new secret is delivered already.
 */
async function deleteReplaced(
  session: Session,
  secret: DeliverableSecret,
  owner: string | undefined,
): Promise<CliError | undefined> {
  const { issued, replaces } = secret;
  if (!replaces) return undefined;
  try {
    // An interruption must not leave two tokens.
    session.clock.ensureTime();
    const tokens = await session.reconnect({ ignoresInterrupt: true });
    await revokeToken(tokens, replaces, owner ?? null);
    await session.say({ text: `Deleted the previous token ${describeToken(replaces)}.` });
    return undefined;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return new CliError(
      "partial",
      `Token ${describeToken(issued)} was created, but the previous token was not deleted: ${error.reason}`,
      { hint: describeKept(secret, owner), requestId: error.requestId, cause: error },
    );
  }
}

const describeKept = (
  { replaces }: DeliverableSecret,
  owner: string | undefined,
): readonly string[] =>
  replaces
    ? [
        `The previous token still exists. To delete it: tokctl token delete ${tokenArguments(replaces, owner)}`,
      ]
    : [];

/** Returns the error for a secret that some destinations did not receive. */
export function toDeliveryError(
  { host: { interrupt } }: Session,
  message: string,
  hint: readonly string[],
): CliError {
  return interrupt.aborted
    ? new InterruptedError(message, interrupt, { hint })
    : new CliError("partial", message, { hint });
}

/** The result for a secret that was not delivered. */
interface Rescue {
  readonly message: string;
  readonly hint: readonly string[];
  readonly isTokenDeleted?: boolean;
  /** Whether the token exists but no client has its secret. */
  readonly isLost?: boolean;
}

/**
 * Prints an undelivered secret at a terminal. In a non-interactive run it deletes a new token, so
 * that no token is left with a lost secret.
 */
async function rescueSecret(
  session: Session,
  { issued, isNewToken, entry }: DeliverableSecret,
  owner: string | undefined,
  { problem, nextStep }: { readonly problem: string; readonly nextStep: string },
): Promise<Rescue> {
  if (session.prompter.interactive) {
    await session.say({ text: `${problem}. It is printed here instead, once:`, always: true });
    await session.prompter.showSecret(issued.token);
    entry.close();
    return { message: `${problem}. It is printed above.`, hint: [] };
  }
  if (!isNewToken)
    return {
      message: `${problem}. It is lost, and the previous secret no longer works.`,
      hint: [nextStep],
      isLost: true,
    };
  try {
    // The deletion must succeed even after ^C, or if the delivery used up --timeout.
    session.clock.ensureTime();
    await (await session.reconnect({ ignoresInterrupt: true })).delete(issued, owner);
    entry.close();
    return { message: `${problem}. The new token was deleted.`, hint: [], isTokenDeleted: true };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return {
      message: `${problem}. It is lost, and the token still exists.`,
      hint: [error.message, `To delete it: tokctl token delete ${tokenArguments(issued, owner)}`],
      isLost: true,
    };
  }
}

const renewCommand = (issued: IssuedToken, owner: string | undefined) =>
  `tokctl token renew ${tokenArguments(issued, owner)}`;

const stdoutCauses: Readonly<Record<string, string>> = {
  closed: "stdout is closed",
  ENOSPC: "no space left on device (ENOSPC)",
};

/**
 * Checks that stdout is writable before a secret is created.
 * @throws UsageError if a write would fail.
 */
export function requireWritable({ findFault }: OutputStream): void {
  const fault = findFault?.();
  if (fault !== undefined)
    throw new UsageError(`Cannot write the secret to stdout: ${stdoutCauses[fault] ?? fault}.`, {
      hint: "Redirect stdout to a file or a pipe, or send the secret elsewhere with --to.",
    });
}
