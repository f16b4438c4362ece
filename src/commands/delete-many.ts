import { Option } from "@commander-js/extra-typings";
import { mapOrdered } from "../core/async.ts";
import type { Lookup, LookupItem, LookupResult } from "../core/lookup.ts";
import { findSecretLike, maskSecretLike } from "../core/secret-like.ts";
import { withTarget } from "../core/target-options.ts";
import { CliError, InterruptedError, NotFoundError, toErrorData, toHintLines } from "../errors.ts";
import { type Result, show, type View } from "../output/view.ts";
import type { Session } from "../session/session.ts";

/** What became of a thing that was to be deleted. */
interface Deletion {
  /** Null if nothing was found under the name that was given. */
  readonly id: string | null;
  readonly name: string | null;
  readonly deleted: boolean;
  readonly error?: ReturnType<typeof toErrorData>;
}

const deletedLines = {
  kind: "lines",
  line: ({ id, name }: Deletion) =>
    `deleted ${name === null || name === id ? id : `${name} (${id})`}`,
} as const;

const deletionsView: View<Deletion> = { text: deletedLines, description: deletedLines };

export const missingOkOption = (noun: string) =>
  new Option("--missing-ok", `Don't fail if the ${noun} does not exist`);

/** As many are looked up, and then deleted, side by side. */
const atOnce = () => 8;

/** What was named, and what it is, or why it was not found. */
type Target<T> = readonly [reference: string, found: LookupResult<T> | CliError];

/** How things of one kind are deleted. */
interface Deleting<T> {
  /** What one of them is: `token`. */
  readonly noun: string;
  /** What is not there is no failure. */
  readonly missingOk: boolean | undefined;
  /** Nobody wants to be asked. */
  readonly yes: boolean | undefined;
  readonly find: Lookup<T>;
  /** Asked once for all that were found. @throws what keeps them from being deleted. */
  consent(found: readonly LookupResult<T>[]): Promise<unknown>;
  remove(item: T): Promise<void>;
}

/**
 * Looks all of them up before it deletes any, and tries all that were found.
 * @throws CliError what became of it, if only one was named.
 */
export async function deleteMany<T extends LookupItem>(
  session: Session,
  references: readonly string[],
  { noun, missingOk = false, yes = false, find, consent, remove }: Deleting<T>,
): Promise<Result> {
  const asks = session.interactive && !yes;
  const targets = new Map<string, LookupResult<T> | CliError>();
  const lookUp = async (reference: string) =>
    [
      reference,
      await find(reference).catch((error) => withoutSecret(toFailure(error), reference)),
    ] as const;
  for await (const [reference, target] of mapOrdered(new Set(references), atOnce, lookUp))
    targets.set(reference, target);
  const found = [...targets.values()].flatMap((target) =>
    target instanceof CliError ? [] : [target],
  );
  const unresolved = [...targets.values()].filter((target) => target instanceof CliError);
  // Who is asked knows by then which names will not be deleted.
  if (found.length > 0 && unresolved.length > 0 && asks)
    await session.say({ text: unresolved.map(({ message }) => message), always: true });
  if (found.length > 0) await consent(found);

  const deletions: Deletion[] = [];
  const errors: CliError[] = [];
  const fail = (id: string | null, name: string | null, error: CliError): void => {
    // A server's "not found" may be about something else, such as the user: it does not count.
    const accepted = missingOk && error instanceof NotFoundError;
    if (!accepted) errors.push(error);
    deletions.push({
      id,
      name,
      deleted: false,
      ...(!accepted && { error: toErrorData(withTarget(error, session.target)) }),
    });
  };
  const attempt = async (target: Target<T>) => {
    const [reference, found] = target;
    if (found instanceof CliError) {
      const name = maskSecretLike(reference, findSecretLike(reference));
      return { target, id: null, name, error: found };
    }
    const { id, name } = found.item;
    return { target, id, name, error: await remove(found.item).then(() => undefined, toFailure) };
  };
  const distinct = [...targets].filter(isFirst());
  const isCrowded = (error: CliError | undefined) =>
    distinct.length > 1 && error?.code === "rate_limited";
  await session.count(`Deleting ${noun}s:`, distinct.length, async (step) => {
    const outcomes: Awaited<ReturnType<typeof attempt>>[] = [];
    for await (const outcome of mapOrdered(distinct, atOnce, attempt)) {
      outcomes.push(outcome);
      if (!isCrowded(outcome.error)) step();
    }
    // Where eight at once were too many, one after the other may do: until one alone is, too.
    let isWorthwhile = true;
    for (const first of outcomes) {
      let outcome = first;
      if (isWorthwhile && isCrowded(first.error)) {
        outcome = await attempt(first.target);
        isWorthwhile = !isCrowded(outcome.error);
        step();
      }
      const { id, name, error } = outcome;
      if (error) fail(id, name, error);
      else deletions.push({ id, name, deleted: true });
    }
  });

  if (targets.size === 1 && errors[0]) throw errors[0];
  return show(deletions, deletionsView, {
    items: deletions.filter(({ deleted }) => deleted),
    failure: summarise(errors, deletions.length, noun),
  });
}

/** Tells the first reference to a thing from others to the same. */
function isFirst(): (target: Target<LookupItem>) => boolean {
  const seen = new Set<string>();
  return ([, target]) => {
    if (target instanceof CliError) return true;
    const isNew = !seen.has(target.item.id);
    seen.add(target.item.id);
    return isNew;
  };
}

/** What one of them met must not keep the others from being tried; a bug must. */
function toFailure(error: unknown): CliError {
  if (error instanceof CliError) return error;
  throw error;
}

/** A secret that was taken for a name shows up in the result, too. */
function withoutSecret(error: CliError, reference: string): CliError {
  const found = findSecretLike(reference);
  if (found.length === 0) return error;
  const { message, hint, requestId, unknownWord, missingArgs } = error;
  const masked = maskSecretLike(message, found);
  const details = { hint, requestId, unknownWord, missingArgs, cause: error };
  return error instanceof NotFoundError
    ? new NotFoundError(masked, details)
    : new CliError(error.code, masked, details);
}

/** One error for all of them; an interruption outranks the rest, for it explains them. */
const summarise = (
  errors: readonly CliError[],
  total: number,
  noun: string,
): CliError | undefined =>
  errors.length === 0
    ? undefined
    : (errors.find((error) => error instanceof InterruptedError) ??
      new CliError("partial", `${errors.length} of ${total} ${noun}s were not deleted.`, {
        hint: errors.flatMap(toHintLines),
      }));
