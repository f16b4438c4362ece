import { tokenArguments } from "../core/target-options.ts";
import { describeToken, type TokenSpec } from "../core/token.ts";
import { CliError, InterruptedError, toHintLines } from "../errors.ts";
import type { Session } from "../session/session.ts";
import type { Deliveries } from "../sinks/sink.ts";
import type { DestinationOptions } from "./deliver.ts";
import { createToken } from "./issue.ts";
import { type IssuedSecret, revokeToken } from "./lost-secret.ts";

/** A command to run with a temporary token. */
export interface TokenCommand extends DestinationOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** The environment variable that receives the secret; undefined for none. */
  readonly variable: string | undefined;
  /** Prints that the token was not deleted, if the command failed too. */
  readonly reportFailure: (failure: CliError) => Promise<void>;
}

/**
 * Creates a token, runs a command with its secret, and deletes the token. The journal entry stays
 * open until the token is deleted, so that `tokctl recover` deletes it if this process is killed.
 * @returns the exit code of the command, or 128+n if signal n ended it.
 * @throws UsageError if the command or a destination can't be used. CliError `partial` if the command
 * succeeded and the token was not deleted; as `createToken` does.
 */
export async function runWithToken(
  session: Session,
  spec: TokenSpec,
  command: TokenCommand,
): Promise<number> {
  const { to, force = false } = command;
  // The token is not offered for completion.
  const tokens = await session.reconnect();
  const deliveries = to && (await session.openSinks(to, force));
  const secret = await createToken(session, tokens, spec, {
    onLost: "revoke",
    isEphemeral: true,
  }).catch(async (error: unknown) => {
    await deliveries?.discard();
    throw error;
  });
  const release = session.host.holdSignals();
  try {
    const run = await runCommand(session, secret, command, deliveries).catch(toFailure);
    const failure = await deleteToken(session, secret, spec.owner);
    if (!failure) await session.say({ text: `Deleted token ${describeToken(secret.issued)}.` });
    if (failure && run === 0) throw failure;
    if (failure) await command.reportFailure(failure);
    if (typeof run === "number") return run;
    throw run.error;
  } finally {
    release();
  }
}

/** Wraps an error that is thrown after the token is deleted. */
const toFailure = (error: unknown) => ({ error });

/** Delivers the secret and runs the command. @returns its exit code */
async function runCommand(
  session: Session,
  { issued, messages }: IssuedSecret,
  { program, args, variable }: TokenCommand,
  deliveries: Deliveries | undefined,
): Promise<number> {
  const { host } = session;
  const sent = (await deliveries?.deliver(issued)) ?? [];
  if (host.interrupt.aborted)
    throw new InterruptedError(`Interrupted before "${program}" was started.`, host.interrupt);
  const errors = sent.flatMap(({ error = [] }) => error);
  if (errors.length > 0)
    throw new CliError(
      "partial",
      `"${program}" was not started: the secret was not written to all destinations.`,
      {
        hint: errors.flatMap(toHintLines),
      },
    );
  await session.say({ text: [...messages, `Created token ${describeToken(issued)}.`] });
  return host.run(program, args, {
    env: { ...host.env, ...(variable !== undefined && { [variable]: issued.token.reveal() }) },
  });
}

/**
 * Deletes the token, also after an interrupt, and closes its journal entry.
 * @returns the error if the token was not deleted; its entry is left to `tokctl recover`.
 */
async function deleteToken(
  session: Session,
  { issued, entry }: IssuedSecret,
  owner: string | undefined,
): Promise<CliError | undefined> {
  try {
    session.clock.ensureTime();
    const tokens = await session.reconnect({ ignoresInterrupt: true });
    await revokeToken(tokens, issued, owner ?? null);
    entry.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    entry.release();
    const { reason, hint, requestId } = error;
    return new CliError("partial", `Cannot delete token ${describeToken(issued)}: ${reason}`, {
      hint: [
        ...[hint].flat(),
        `To delete it: tokctl token delete ${tokenArguments(issued, owner)}`,
        "Or, to delete the tokens of all interrupted runs: tokctl recover",
      ],
      requestId,
      cause: error,
    });
  }
}
