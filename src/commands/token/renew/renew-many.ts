import { describeToken, type Token } from "../../../core/token.ts";
import type { RenewChanges } from "../../../core/token-provider.ts";
import { CliError, InterruptedError, toHintLines } from "../../../errors.ts";
import {
  type DeliverableSecret,
  prepareForStdout,
  requireWritable,
} from "../../../issuance/deliver.ts";
import type { LostSecretAction } from "../../../issuance/lost-secret.ts";
import { reissueToken } from "../../../issuance/reissue-token.ts";
import type { Result } from "../../../output/view.ts";
import type { Session } from "../../../session/session.ts";
import { runMany, summarizeErrors, toCliError, toFailureLines } from "../../shared/run-many.ts";
import { describeReissue, showIssuedList, warnOfExpiry } from "../shared/secret-views.ts";
import { type TokenLookup, type TokenSelection, toListedToken } from "../shared/selection.ts";
import {
  joinFailures,
  nameProfile,
  summarizeProfiles,
  type TokenTargets,
} from "../shared/targets.ts";

/** How tokens are renewed. */
interface RenewManyOptions extends RenewChanges {
  readonly owner: string | undefined;
  readonly onLost: LostSecretAction | undefined;
  /** Called before the first renewal. @throws CliError to renew no token */
  confirm(): Promise<unknown>;
}

/** The renewal of one token: exactly one of `secret` and `error` is set. */
interface Renewal {
  readonly lookup: TokenLookup;
  readonly secret?: DeliverableSecret;
  readonly error?: CliError;
}

/**
 * Renews tokens concurrently, and prints their secrets once all renewals have ended.
 * @returns the renewed tokens with their secrets; with a failure (exit code 9) if some were not
 * renewed.
 * @throws CliError for a single token that fails; the error of `confirm`.
 */
export async function renewMany(
  targets: TokenTargets,
  { lookups, failures }: TokenSelection,
  { owner, onLost, confirm, ...changes }: RenewManyOptions,
): Promise<Result> {
  const { session } = targets;
  requireWritable(session.host.stdout);
  await confirm();
  const { interactive } = session.prompter;
  // Concurrent renewals can't ask about their lost responses.
  const lostSecretAction = onLost ?? (interactive ? "renew" : undefined);
  const renewOne = async (lookup: TokenLookup): Promise<Renewal> => {
    const { found, error, target } = lookup;
    if (!found) return { lookup, ...(error && { error }) };
    try {
      requireNotInterrupted(session, found.item);
      const request = { ...changes, owner };
      return {
        lookup,
        secret: await reissueToken(
          target.session,
          target.session.provider(),
          await target.tokens(),
          found.item,
          request,
          lostSecretAction,
        ),
      };
    } catch (thrown) {
      const failure = toCliError(thrown);
      const isKept = target.profile === undefined || failure instanceof InterruptedError;
      return { lookup, error: isKept ? failure : await nameProfile(target, failure) };
    }
  };
  const renewals = await runMany(session, "Renewing tokens:", lookups, renewOne);
  const result = await showRenewals(session, renewals, owner);
  const failure = summarizeProfiles(targets, failures);
  return { ...result, failure: joinFailures(result.failure, failure) };
}

/** @throws InterruptedError before a renewal, so that it is not started. */
function requireNotInterrupted({ host: { interrupt } }: Session, token: Token): void {
  if (interrupt.aborted)
    throw new InterruptedError(
      `Interrupted before token ${describeToken(token)} was renewed.`,
      interrupt,
    );
}

async function showRenewals(
  session: Session,
  renewals: readonly Renewal[],
  owner: string | undefined,
): Promise<Result> {
  const failure = summarizeRenewals(session, renewals);
  const [first] = renewals;
  if (renewals.length === 1 && first?.error && first.lookup.target.profile === undefined)
    throw first.error;
  const issued = renewals.flatMap(({ secret, lookup }) =>
    secret ? [{ secret, target: lookup.target }] : [],
  );
  const secrets = issued.map(({ secret }) => secret);
  const prepared = issued.map(({ secret, target }) =>
    prepareForStdout(target.session, secret, owner),
  );
  const messages = secrets.flatMap((each) => [...each.messages, ...describeReissue(each)]);
  const reminder = secrets.length > 0 ? ["The secrets are shown only once: store them now."] : [];
  return showIssuedList(
    session,
    issued.map(({ secret, target }) => toListedToken(secret.issued, target)),
    {
      notes: [
        { text: [...messages, ...reminder] },
        ...secrets.flatMap(({ issued }) => warnOfExpiry(issued, session.host.now())),
      ],
      failure,
      async onWritten() {
        const errors: CliError[] = [];
        for (const each of prepared) errors.push(...[(await each.onWritten()) ?? []].flat());
        const message = `${errors.length} of ${prepared.length} previous tokens were not deleted.`;
        return summarizeErrors(errors, message, errors.flatMap(toHintLines));
      },
      async onWriteError(cause) {
        const errors: CliError[] = [];
        for (const each of prepared) errors.push(await each.onWriteError(cause));
        const isLost = errors.some(({ code }) => code === "outcome_unknown");
        return new CliError(
          isLost ? "outcome_unknown" : "partial",
          `Cannot write the secrets of ${errors.length} tokens to stdout.`,
          { hint: [...errors, ...(failure ? [failure] : [])].flatMap(toHintLines), cause },
        );
      },
    },
  );
}

/** Returns the error of the renewals that failed; undefined if all succeeded. */
function summarizeRenewals(
  { host: { interrupt } }: Session,
  renewals: readonly Renewal[],
): CliError | undefined {
  const failed = renewals.filter(({ error }) => error !== undefined);
  const message = `${failed.length} of ${renewals.length} tokens were not renewed.`;
  const lines = (some: readonly Renewal[]) =>
    some.flatMap(({ lookup, error }) => toFailureLines(lookup, error));
  const interrupted = failed.filter(({ error }) => error instanceof InterruptedError);
  if (interrupted.length > 0) {
    // Renewals that were not started have no hint.
    const hint = lines(failed.filter(({ error }) => error && error.hint.length > 0));
    return new InterruptedError(message, interrupt, { hint });
  }
  return summarizeErrors(
    failed.flatMap(({ error }) => error ?? []),
    message,
    lines(failed),
  );
}
