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
  /** The profile of the item, if the items belong to several. */
  readonly profile?: string;
  /** Null if no item was found. */
  readonly id: string | null;
  readonly name: string | null;
  readonly deleted: boolean;
  readonly error?: ReturnType<typeof toErrorData>;
}

function deletionsView(noun: string): View<Deletion> {
  const lines = {
    kind: "lines",
    line: ({ profile, id, name }: Deletion) =>
      `Deleted ${noun} ${describeToken({ id: id ?? "", name })}${profile === undefined ? "" : ` of profile "${profile}"`}.`,
  } as const;
  return { text: lines, description: lines };
}

/** The number of results that are shown at a terminal; more are counted. */
const maxShown = 10;

/** `--missing-ok`: an item that does not exist is not an error. */
export const missingOkOption = (noun: string) =>
  new Option("--missing-ok", `Don't fail if the ${noun} does not exist`);

/** How items of one kind are deleted. */
interface DeleteOptions<T, L extends ReferenceLookup<T> = ReferenceLookup<T>> {
  /** The kind of item, in the singular: `token`. */
  readonly noun: string;
  readonly missingOk: boolean | undefined;
  /**
   * Called once with all items that were found, and the errors of the others.
   * @throws CliError to delete none of them.
   */
  confirm(found: readonly LookupResult<T>[], skipped: readonly CliError[]): Promise<unknown>;
  remove(item: T, lookup: L): Promise<void>;
  /** Adds the target's options to the commands in an error's hint. */
  addTarget(error: CliError, lookup: L): Promise<CliError>;
  /** Returns the profile of an item, if the items belong to several. */
  profileOf?(lookup: L): string | undefined;
}

/** The deletion of one item, which failed if there is an error. */
interface Outcome<L> {
  readonly lookup: L;
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
export async function deleteLookedUp<T extends LookupItem, L extends ReferenceLookup<T>>(
  session: Session,
  lookups: readonly L[],
  { noun, missingOk = false, confirm, remove, addTarget, profileOf }: DeleteOptions<T, L>,
): Promise<Result> {
  const found = lookups.flatMap((lookup) => lookup.found ?? []);
  if (found.length > 0)
    await confirm(
      found,
      lookups.flatMap(({ error }) => error ?? []),
    );
  const deleteOne = async (lookup: L): Promise<Outcome<L>> => {
    const error = lookup.found
      ? await remove(lookup.found.item, lookup).then(() => undefined, toCliError)
      : lookup.error;
    return { lookup, error };
  };
  // The same ID can exist in several profiles.
  const distinct = profileOf ? lookups : withoutDuplicates(lookups);
  const outcomes = await runMany(session, `Deleting ${noun}s:`, distinct, deleteOne);
  const isIgnored = (error: CliError) => missingOk && error instanceof NotFoundError;
  const failed = outcomes.filter(({ error }) => error && !isIgnored(error));
  const errors = failed.flatMap(({ error }) => error ?? []);
  const lines = await Promise.all(
    failed.map(async ({ lookup, error }) =>
      toFailureLines(lookup, error && (await addTarget(error, lookup))),
    ),
  );
  if (lookups.length === 1 && errors[0] && !profileOf) throw errors[0];
  const toDeletion = async ({ lookup, error }: Outcome<L>): Promise<Deletion> => {
    const profile = profileOf?.(lookup);
    const item = { ...(profile !== undefined && { profile }), ...identify(lookup) };
    if (!error) return { ...item, deleted: true };
    if (isIgnored(error)) return { ...item, deleted: false };
    return {
      ...item,
      deleted: false,
      error: toErrorData(await addTarget(error, lookup)),
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
      lines.flat(),
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
