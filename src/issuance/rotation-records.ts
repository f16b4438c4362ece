import { createHash } from "node:crypto";
import * as v from "valibot";
import { BrokenFileError, readJsonFile } from "../config/json-file.ts";
import { withFileLock } from "../config/lock.ts";
import { reserveSpace, writePrivateFile } from "../config/private-file.ts";
import { toHex } from "../core/text.ts";
import { toTimestamp } from "../core/time.ts";
import type { Token } from "../core/token.ts";
import { UsageError } from "../errors.ts";
import type { Session } from "../session/session.ts";
import type { DeliveryResult, DestinationRecord } from "../sinks/sink.ts";

/** The tokens that the destinations of a family have, from the destinations or from a state file. */
export interface RotationRecords {
  /** Reads the record of each destination, in their order. @throws UsageError */
  read(): Promise<readonly DestinationRecord[]>;
  /** Checks that the state file can be written. @throws UsageError */
  prepare(): Promise<void>;
  /**
   * Records in the state file that a token is being delivered. The destinations may then have its secret,
   * or still the previous one.
   * @throws UsageError
   */
  begin(issued: Token, replacedIds: readonly string[]): Promise<void>;
  /** Records the result of the delivery. @param sent the results, in the order of the destinations */
  finish(
    issued: Token,
    replacedIds: readonly string[],
    sent: readonly DeliveryResult[],
  ): Promise<void>;
}

type StoredRecord = NonNullable<DestinationRecord["record"]>;

const Ids = v.optional(v.array(v.string()));

/** The format of a state file: the record of each destination by family. It has no secrets. */
const StateFile = v.object({
  version: v.literal(1),
  families: v.record(
    v.string(),
    v.record(
      v.string(),
      v.object({
        id: v.string(),
        name: v.optional(v.string()),
        deliveredAt: v.optional(v.string()),
        previousIds: Ids,
        replacedIds: Ids,
      }),
    ),
  ),
});

/** The record of each destination. */
type FamilyRecords = Readonly<Record<string, StoredRecord>>;

/**
 * Opens the records of destinations.
 * @param path the state file for destinations that can't record a token.
 */
export function openRotationRecords(
  session: Session,
  family: string,
  destinations: readonly string[],
  path: string | undefined,
): RotationRecords {
  const { host } = session;
  const mark = () => `${host.process.id}-${toHex(host.randomBytes(8))}`;
  let known: readonly DestinationRecord[] = [];
  let before: FamilyRecords = {};
  /** The keys of the destinations that the state file records, by their position. */
  const keys = () =>
    destinations.flatMap((text, i) => {
      const destination = known[i];
      return destination && !destination.canRecord
        ? [{ position: i, key: toKey(text, destination.to) }]
        : [];
    });
  const change = async (update: (current: FamilyRecords) => FamilyRecords) => {
    if (path === undefined || keys().length === 0) return;
    await withFileLock(path, host, async () => {
      const families = readStateFile(path);
      const changed = { ...families, [family]: update(families[family] ?? {}) };
      const text = JSON.stringify({ version: 1, families: changed }, null, 2);
      writePrivateFile(path, `${text}\n`, mark());
    });
  };
  const toRecord = ({ id, name }: Token, replacedIds: readonly string[]): StoredRecord => ({
    id,
    ...(name !== null && { name }),
    deliveredAt: toTimestamp(host.now()),
    ...(replacedIds.length > 0 && { replacedIds }),
  });
  return {
    async read() {
      known = await session.readTokenRecords(destinations);
      const unrecorded = known.find(({ canRecord }) => !canRecord);
      if (!unrecorded) return known;
      if (path === undefined)
        throw new UsageError(`--to ${unrecorded.to} can't record which token it has.`, {
          hint: "Add --state FILE: the file then records the token, without its secret.",
        });
      before = readStateFile(path)[family] ?? {};
      const byPosition = new Map(keys().map(({ position, key }) => [position, before[key]]));
      return known.map((each, i) =>
        each.canRecord ? each : { ...each, record: byPosition.get(i) },
      );
    },
    async prepare() {
      if (path === undefined || keys().length === 0) return;
      await withFileLock(path, host, async () => reserveSpace(path, mark())());
    },
    begin: (issued, replacedIds) =>
      change((current) => {
        before = current;
        const unfinished = keys().map(({ key }) => {
          const earlier = current[key];
          const previousIds = earlier ? [earlier.id, ...(earlier.previousIds ?? [])] : [];
          return [key, { ...toRecord(issued, replacedIds), previousIds }] as const;
        });
        return { ...current, ...Object.fromEntries(unfinished) };
      }),
    finish: (issued, replacedIds, sent) =>
      change((current) => {
        const next: Record<string, StoredRecord> = { ...current };
        for (const { position, key } of keys()) {
          const earlier = before[key];
          if (!sent[position]?.error) next[key] = toRecord(issued, replacedIds);
          else if (earlier) next[key] = earlier;
          else delete next[key];
        }
        return next;
      }),
  };
}

/** Returns the key of a destination. A digest replaces a text that may contain a secret. */
const toKey = (text: string, label: string): string =>
  label === text
    ? text
    : `${label} ${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;

/** @throws UsageError if the file can't be read, or has another format */
function readStateFile(path: string): Readonly<Record<string, FamilyRecords>> {
  const result = v.safeParse(StateFile, readJson(path) ?? { version: 1, families: {} });
  if (!result.success)
    throw invalidState(path, `invalid value of "${v.getDotPath(result.issues[0])}"`);
  return result.output.families;
}

function readJson(path: string) {
  try {
    return readJsonFile(path);
  } catch (error) {
    throw error instanceof BrokenFileError ? invalidState(path, "invalid JSON") : error;
  }
}

const invalidState = (path: string, reason: string) =>
  new UsageError(`${path} is not a valid state file of token rotate: ${reason}.`, {
    hint: "Check the path of --state. Without the file, the next run creates a new token.",
  });
