import { Option } from "@commander-js/extra-typings";
import { mapOrdered } from "../../core/async.ts";
import type { Lookup, LookupItem, LookupResult } from "../../core/lookup.ts";
import { findSecretLike, maskSecretLike } from "../../core/secret-like.ts";
import { withTarget } from "../../core/target-options.ts";
import {
  CliError,
  InterruptedError,
  NotFoundError,
  toErrorData,
  toHintLines,
} from "../../errors.ts";
import { type Result, show, type View } from "../../output/view.ts";
import type { Session } from "../../session/session.ts";

/** The result for one item. */
interface Deletion {
  /** Null if no item was found. */
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

/** `--missing-ok`: an item that does not exist is not an error. */
export const missingOkOption = (noun: string) =>
  new Option("--missing-ok", `Don't fail if the ${noun} does not exist`);

/** The number of concurrent lookups, and of concurrent deletions. */
const concurrency = () => 8;

/** How items of one kind are looked up and deleted. */
interface DeleteOptions<T> {
  /** The kind of item, in the singular: `token`. */
  readonly noun: string;
  readonly missingOk: boolean | undefined;
  /** The value of `--yes`. */
  readonly yes: boolean | undefined;
  readonly find: Lookup<T>;
  /** Called once with all items that were found. @throws CliError to delete none of them. */
  confirm(found: readonly LookupResult<T>[]): Promise<unknown>;
  remove(item: T): Promise<void>;
}

/** A reference on the command line: exactly one of `found` and `error` is set. */
interface ReferenceLookup<T> {
  readonly reference: string;
  readonly found?: LookupResult<T>;
  readonly error?: CliError;
}

/** The deletion of one item, which failed if there is an error. */
interface Outcome<T> {
  readonly lookup: ReferenceLookup<T>;
  readonly error: CliError | undefined;
}

/**
 * Looks up all items, asks for confirmation, and deletes those that were found.
 * @returns one result per item, in the order of the references; with a failure (exit code 9) if some
 * were not deleted.
 * @throws CliError for a single reference that fails, and whatever `confirm` throws.
 */
export async function deleteMany<T extends LookupItem>(
  session: Session,
  references: readonly string[],
  { noun, missingOk = false, yes = false, find, confirm, remove }: DeleteOptions<T>,
): Promise<Result> {
  const lookups = await lookUpAll(new Set(references), find);
  const found = lookups.flatMap((lookup) => lookup.found ?? []);
  if (found.length > 0) {
    const messages = lookups.flatMap(({ error }) => error?.message ?? []);
    if (messages.length > 0 && session.prompter.interactive && !yes)
      await session.say({ text: messages, always: true });
    await confirm(found);
  }
  const outcomes = await deleteAll(session, noun, withoutDuplicates(lookups), remove);
  const isIgnored = (error: CliError) => missingOk && error instanceof NotFoundError;
  const errors = outcomes.flatMap(({ error }) => (error && !isIgnored(error) ? error : []));
  if (lookups.length === 1 && errors[0]) throw errors[0];
  const deletions = outcomes.map(({ lookup, error }): Deletion => {
    const item = identify(lookup);
    if (!error) return { ...item, deleted: true };
    if (isIgnored(error)) return { ...item, deleted: false };
    return {
      ...item,
      deleted: false,
      error: toErrorData(withTarget(error, session.target.options)),
    };
  });
  return show(deletions, deletionsView, {
    items: deletions.filter(({ deleted }) => deleted),
    failure: summarize(errors, deletions.length, noun),
  });
}

async function lookUpAll<T>(
  references: ReadonlySet<string>,
  find: Lookup<T>,
): Promise<readonly ReferenceLookup<T>[]> {
  const lookUp = (reference: string): Promise<ReferenceLookup<T>> =>
    find(reference).then(
      (found) => ({ reference, found }),
      (error: unknown) => ({ reference, error: maskSecrets(toCliError(error), reference) }),
    );
  const lookups: ReferenceLookup<T>[] = [];
  for await (const lookup of mapOrdered(references, concurrency, lookUp)) lookups.push(lookup);
  return lookups;
}

/** Drops references to an item that an earlier reference found too. */
function withoutDuplicates<T extends LookupItem>(
  lookups: readonly ReferenceLookup<T>[],
): readonly ReferenceLookup<T>[] {
  const ids = new Set<string>();
  return lookups.filter(({ found }) => {
    if (!found) return true;
    const isNew = !ids.has(found.item.id);
    ids.add(found.item.id);
    return isNew;
  });
}

/** Deletes concurrently. Deletions that the rate limit refused are repeated one after the other. */
function deleteAll<T>(
  session: Session,
  noun: string,
  lookups: readonly ReferenceLookup<T>[],
  remove: (item: T) => Promise<void>,
): Promise<readonly Outcome<T>[]> {
  const isRateLimited = ({ error }: Outcome<T>) =>
    lookups.length > 1 && error?.code === "rate_limited";
  const deleteOne = async (lookup: ReferenceLookup<T>): Promise<Outcome<T>> => {
    const { found } = lookup;
    const error = found ? await remove(found.item).then(() => undefined, toCliError) : lookup.error;
    return { lookup, error };
  };
  return session.trackItems(`Deleting ${noun}s:`, lookups.length, async (step) => {
    const outcomes: Outcome<T>[] = [];
    for await (const outcome of mapOrdered(lookups, concurrency, deleteOne)) {
      outcomes.push(outcome);
      if (!isRateLimited(outcome)) step();
    }
    for (const [i, first] of outcomes.entries()) {
      if (!isRateLimited(first)) continue;
      const second = await deleteOne(first.lookup);
      outcomes[i] = second;
      step();
      // The server refuses even single requests: the others would fail too.
      if (isRateLimited(second)) break;
    }
    return outcomes;
  });
}

/** The ID and name of an item; its reference as the name if it was not found. */
function identify<T extends LookupItem>({
  reference,
  found,
}: ReferenceLookup<T>): Pick<Deletion, "id" | "name"> {
  if (found) return { id: found.item.id, name: found.item.name };
  return { id: null, name: maskSecretLike(reference, findSecretLike(reference)) };
}

/** @throws the error itself if it is a bug. */
function toCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  throw error;
}

/** Masks a secret that was given as a reference, because the message becomes part of the result. */
function maskSecrets(error: CliError, reference: string): CliError {
  const found = findSecretLike(reference);
  if (found.length === 0) return error;
  const { message, hint, requestId, unknownWord, missingArgs } = error;
  const masked = maskSecretLike(message, found);
  const details = { hint, requestId, unknownWord, missingArgs, cause: error };
  return error instanceof NotFoundError
    ? new NotFoundError(masked, details)
    : new CliError(error.code, masked, details);
}

/** Returns one error for all; an interruption if there is one, because it explains the others. */
function summarize(errors: readonly CliError[], total: number, noun: string): CliError | undefined {
  if (errors.length === 0) return undefined;
  return (
    errors.find((error) => error instanceof InterruptedError) ??
    new CliError("partial", `${errors.length} of ${total} ${noun}s were not deleted.`, {
      hint: errors.flatMap(toHintLines),
    })
  );
}
