import { Option } from "@commander-js/extra-typings";
import type { Lookup, LookupItem, LookupResult } from "../../core/lookup.ts";
import { findSecretLike, maskSecretLike } from "../../core/secret.ts";
import { describeToken } from "../../core/token.ts";
import { type CliError, NotFoundError, toErrorData } from "../../errors.ts";
import { type Result, show, type View } from "../../output/view.ts";
import type { Session } from "../../session/session.ts";
import {
  lookUpAll,
  type ReferenceLookup,
  runMany,
  summarizeErrors,
  toCliError,
  toFailureLines,
  withoutDuplicates,
} from "./run-many.ts";

/** The result for one item. */
interface Deletion {
  /** Null if no item was found. */
  readonly id: string | null;
  readonly name: string | null;
  readonly deleted: boolean;
  readonly error?: ReturnType<typeof toErrorData>;
}

function deletionsView(noun: string): View<Deletion> {
  const lines = {
    kind: "lines",
    line: ({ id, name }: Deletion) => `Deleted ${noun} ${describeToken({ id: id ?? "", name })}.`,
  } as const;
  return { text: lines, description: lines };
}

/** The number of results that are shown at a terminal; more are counted. */
const maxShown = 10;

/** `--missing-ok`: an item that does not exist is not an error. */
export const missingOkOption = (noun: string) =>
  new Option("--missing-ok", `Don't fail if the ${noun} does not exist`);

/** How items of one kind are deleted. */
interface DeleteOptions<T> {
  /** The kind of item, in the singular: `token`. */
  readonly noun: string;
  readonly missingOk: boolean | undefined;
  /**
   * Called once with all items that were found, and the errors of the others.
   * @throws CliError to delete none of them.
   */
  confirm(found: readonly LookupResult<T>[], skipped: readonly CliError[]): Promise<unknown>;
  remove(item: T): Promise<void>;
  /** Adds the target's options to the commands in an error's hint. */
  addTarget(error: CliError): Promise<CliError>;
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
export const deleteMany = async <T extends LookupItem>(
  session: Session,
  references: readonly string[],
  { find, ...options }: DeleteOptions<T> & { readonly find: Lookup<T> },
): Promise<Result> => deleteLookedUp(session, await lookUpAll(references, find), options);

/** Deletes items as `deleteMany` does, after they were looked up. */
export async function deleteLookedUp<T extends LookupItem>(
  session: Session,
  lookups: readonly ReferenceLookup<T>[],
  { noun, missingOk = false, confirm, remove, addTarget }: DeleteOptions<T>,
): Promise<Result> {
  const found = lookups.flatMap((lookup) => lookup.found ?? []);
  if (found.length > 0)
    await confirm(
      found,
      lookups.flatMap(({ error }) => error ?? []),
    );
  const deleteOne = async (lookup: ReferenceLookup<T>): Promise<Outcome<T>> => {
    const error = lookup.found
      ? await remove(lookup.found.item).then(() => undefined, toCliError)
      : lookup.error;
    return { lookup, error };
  };
  const distinct = withoutDuplicates(lookups);
  const outcomes = await runMany(session, `Deleting ${noun}s:`, distinct, deleteOne);
  const isIgnored = (error: CliError) => missingOk && error instanceof NotFoundError;
  const failed = outcomes.filter(({ error }) => error && !isIgnored(error));
  const errors = failed.flatMap(({ error }) => error ?? []);
  if (lookups.length === 1 && errors[0]) throw errors[0];
  const toDeletion = async ({ lookup, error }: Outcome<T>): Promise<Deletion> => {
    const item = identify(lookup);
    if (!error) return { ...item, deleted: true };
    if (isIgnored(error)) return { ...item, deleted: false };
    return {
      ...item,
      deleted: false,
      error: toErrorData(await addTarget(error)),
    };
  };
  const deletions = await Promise.all(outcomes.map(toDeletion));
  const deleted = deletions.filter((each) => each.deleted);
  const ignored = outcomes.flatMap(({ error }) => (error && isIgnored(error) ? [error] : []));
  const isSummarized = session.host.stdout.isTTY === true && deleted.length > maxShown;
  return show(deletions, deletionsView(noun), {
    items: isSummarized ? [] : deleted,
    notes: [
      { text: isSummarized ? `Deleted ${deleted.length} ${noun}s.` : [] },
      { text: ignored.map(({ message }) => `Skipped: ${message}`) },
    ],
    failure: summarizeErrors(
      errors,
      `${errors.length} of ${deletions.length} ${noun}s were not deleted.`,
      failed.flatMap(({ lookup, error }) => toFailureLines(lookup, error)),
    ),
  });
}

/** Identifies an item; by its reference as the name if it was not found. */
function identify<T extends LookupItem>({
  reference,
  found,
}: ReferenceLookup<T>): Pick<Deletion, "id" | "name"> {
  if (found) return { id: found.item.id, name: found.item.name };
  return { id: null, name: maskSecretLike(reference, findSecretLike(reference)) };
}
