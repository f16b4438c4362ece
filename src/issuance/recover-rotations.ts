import type { Token } from "../core/token.ts";
import { CliError, InterruptedError } from "../errors.ts";
import type { InterruptedEntry } from "../journal/journal.ts";
import { mayHaveCreated } from "./classify.ts";
import { recoverCase } from "./recover.ts";
import { groupEntries, type RecoveryCase } from "./recovery-case.ts";
import type { ListedFamily, TokenFamily } from "./rotation-family.ts";
import { generationOf, isRecorded, mayBeOverwritten } from "./rotation-state.ts";

/** Milliseconds for which a token whose create had no response may be that of another machine. */
const otherRunMs = 30_000;

/**
 * Finishes rotations of a family that were interrupted on this machine: deletes a successor that no
 * destination has, and closes the journal entry. Entries without a certain result are left.
 * @param current the newest token that a destination has.
 * @returns the deleted tokens.
 */
export async function recoverRotations(
  family: TokenFamily,
  state: ListedFamily,
  current: Token | undefined,
): Promise<readonly Token[]> {
  const deleted: Token[] = [];
  for (const entries of groupEntries(await findEntries(family))) {
    const tokens = state.tokens.filter((token) => entries.some((entry) => isOf(entry, token)));
    if (tokens.some((token) => mayBeDelivered(token, state, current))) {
      for (const entry of entries) entry.claim()?.close();
      continue;
    }
    // Another machine may have created the token, and be about to deliver it.
    const isUnknown = entries.some(({ issued }) => issued === undefined);
    if (isUnknown && tokens.some((token) => !isOlderThan(otherRunMs, token, state))) continue;
    const token = await deleteLost(family, entries);
    if (token) deleted.push(token);
  }
  return deleted;
}

/** Whether an operation has created a token, or may have if its response was lost. */
const isOf = ({ issued, operation }: InterruptedEntry, token: Token): boolean =>
  issued === undefined
    ? operation.kind === "create" && mayHaveCreated(operation, token)
    : issued.id === token.id;

/** Whether a destination has or had a token: the overlap then applies to it. */
function mayBeDelivered(token: Token, state: ListedFamily, current: Token | undefined): boolean {
  if (isRecorded(token, state.records)) return true;
  if (!current) return false;
  const [generation = 0, newest = 0] = [token, current].map(({ name }) =>
    generationOf(state.name, name),
  );
  return generation <= newest || mayBeOverwritten(token, current, state);
}

const isOlderThan = (milliseconds: number, token: Token, state: ListedFamily): boolean => {
  const issuedAt = state.issuedAt(token);
  return issuedAt === null || state.now - Date.parse(issuedAt) > milliseconds;
};

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
