import type { Token } from "../core/token.ts";
import { CliError, InterruptedError } from "../errors.ts";
import type { InterruptedEntry } from "../journal/journal.ts";
import { recoverCase } from "./recover.ts";
import { groupEntries, type RecoveryCase } from "./recovery-case.ts";
import type { TokenFamily } from "./rotation-family.ts";
import { type FamilyState, generationOf, isRecorded } from "./rotation-plan.ts";

/**
 * Finishes rotations of a family that were interrupted on this machine: deletes a successor that no
 * destination has, and closes the journal entry. Entries without a certain result are left.
 * @param current the newest token that a destination has.
 * @returns the deleted tokens.
 */
export async function recoverRotations(
  family: TokenFamily,
  records: FamilyState["records"],
  current: Token | undefined,
): Promise<readonly Token[]> {
  const newest = generationOf(family.name, current?.name ?? null) ?? 0;
  // A token older than the current one may have been delivered before: the overlap applies to it.
  const mayBeDelivered = ({ issued, operation }: InterruptedEntry) =>
    issued !== undefined &&
    operation.kind === "create" &&
    (isRecorded(issued, records) ||
      (generationOf(family.name, operation.wanted.name) ?? 0) < newest);
  const deleted: Token[] = [];
  for (const entries of groupEntries(await findEntries(family))) {
    if (entries.some(mayBeDelivered)) {
      for (const entry of entries) entry.claim()?.close();
      continue;
    }
    const token = await deleteLost(family, entries);
    if (token) deleted.push(token);
  }
  return deleted;
}

/** Returns the entries of interrupted creates in the family. An unreadable journal counts as empty. */
async function findEntries({
  session,
  name,
  owner,
}: TokenFamily): Promise<readonly InterruptedEntry[]> {
  try {
    const { entries } = await session.journal.read();
    const found: InterruptedEntry[] = [];
    for (const entry of entries) {
      const { operation, target } = entry;
      if (operation.kind !== "create" || operation.isEphemeral) continue;
      const isOwn =
        operation.owner === (owner ?? null) && (generationOf(name, operation.wanted.name) ?? 0) > 0;
      if (isOwn && (await session.journal.isSameAccount(target))) found.push(entry);
    }
    return found;
  } catch (error) {
    return ignoreFailure(error) ?? [];
  }
}

async function deleteLost(
  { session }: TokenFamily,
  entries: RecoveryCase,
): Promise<Token | undefined> {
  try {
    const options = { onLost: "revoke", candidate: undefined, isDryRun: false } as const;
    const result = await recoverCase(session, entries, options);
    result?.close();
    return result?.outcome === "revoked" ? result.token : undefined;
  } catch (error) {
    return ignoreFailure(error);
  }
}

/** The rotation itself reports a lasting failure, and deletes the token of an ambiguous case later. */
function ignoreFailure(error: unknown): undefined {
  if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
  return undefined;
}
