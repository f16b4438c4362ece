import { parseTimestamp, type Timestamp, toTimestamp } from "../core/time.ts";
import type { Token } from "../core/token.ts";

/** What a destination records about the token whose secret it holds. It contains no secret. */
export interface TokenRecord {
  readonly id: string;
  /** Absent if the token has no name. */
  readonly name?: string | undefined;
  /** The profile with the credential that created the secret. Absent for other credentials. */
  readonly profile?: string | undefined;
  /** The start of the delivery, in whole seconds. */
  readonly deliveredAt?: Timestamp | undefined;
  /**
   * Present if the delivery did not finish: the destination then holds the secret of `id`, or still
   * that of one of these tokens. Empty if no earlier token was recorded.
   */
  readonly previousIds?: readonly string[] | undefined;
  /** IDs of earlier tokens that `token rotate` deletes, although their names have no generation number. */
  readonly replacedIds?: readonly string[] | undefined;
}

/** Creates the record of a new secret. */
export const toTokenRecord = (
  { id, name }: Pick<Token, "id" | "name">,
  profile: string | undefined,
  replacedIds: readonly string[],
  now: Date,
): TokenRecord => ({
  id,
  ...(name !== null && { name }),
  ...(profile !== undefined && { profile }),
  deliveredAt: toTimestamp(new Date(Math.floor(now.getTime() / 1000) * 1000)),
  ...(replacedIds.length > 0 && { replacedIds }),
});

/** Returns the record of a delivery that has begun. @param earlier the record before the delivery */
const toUnfinished = (record: TokenRecord, earlier: TokenRecord | undefined): TokenRecord => ({
  ...record,
  previousIds: earlier
    ? [earlier.id, ...(earlier.previousIds ?? [])].filter((id) => id !== record.id)
    : [],
});

/** A record that is not stored in the same object as the secret. */
export interface SeparateRecord {
  /** Returns the current record. */
  read(): Promise<TokenRecord | undefined>;
  /** Replaces the record; undefined removes it. */
  write(record: TokenRecord | undefined): Promise<void>;
}

/**
 * Writes a secret that is stored apart from its record. If the process is killed between the steps,
 * the record names both tokens.
 * @throws the error of `writeSecret`, or of the first write of the record
 */
export async function deliverWithRecord(
  { read, write }: SeparateRecord,
  record: TokenRecord,
  writeSecret: () => Promise<void>,
  {
    isRestorable,
  }: {
    /** Whether a failed `writeSecret` leaves the previous secret. */
    readonly isRestorable: boolean;
  },
): Promise<void> {
  const earlier = await read();
  await write(toUnfinished(record, earlier));
  try {
    await writeSecret();
  } catch (error) {
    if (isRestorable) await write(earlier).catch(() => {});
    throw error;
  }
  // The secret is delivered, and the record of the unfinished delivery is correct too.
  await write(record).catch(() => {});
}

const fieldNames = ["id", "name", "profile", "delivered", "previous", "replaces"] as const;

/**
 * Formats a record as one line: `id=… name=… delivered=…`. Values are percent-encoded, so that the
 * line consists of letters, digits and `-_.:,=%`.
 */
export function formatRecord({
  id,
  name,
  profile,
  deliveredAt,
  previousIds,
  replacedIds,
}: TokenRecord): string {
  const values: Readonly<Record<(typeof fieldNames)[number], string | undefined>> = {
    id: encodeValue(id),
    name: name && encodeValue(name),
    profile: profile && encodeValue(profile),
    delivered: deliveredAt,
    previous: previousIds && formatIds(previousIds),
    replaces: replacedIds && formatIds(replacedIds),
  };
  return fieldNames
    .filter((field) => values[field] !== undefined)
    .map((field) => `${field}=${values[field]}`)
    .join(" ");
}

/** As `formatRecord`, but without profile and name if the line would be longer than `maxLength`. */
export function formatShortRecord(record: TokenRecord, maxLength: number): string {
  const { profile: _, ...anonymous } = record;
  const { name: __, ...shortest } = anonymous;
  const lines = [record, anonymous, shortest].map(formatRecord);
  return lines.find((line) => line.length <= maxLength) ?? formatRecord({ id: record.id });
}

/** Parses a line of `formatRecord`. @returns undefined for any other text */
export function parseRecord(line: string): TokenRecord | undefined {
  const fields = new Map(line.trim().split(/\s+/).map(splitField));
  const id = decodeValue(fields.get("id"));
  if (!id) return undefined;
  const name = decodeValue(fields.get("name"));
  const profile = decodeValue(fields.get("profile"));
  const deliveredAt = parseTimestamp(fields.get("delivered") ?? "");
  const previousIds = parseIds(fields.get("previous"));
  const replacedIds = parseIds(fields.get("replaces"));
  return {
    id,
    ...(name && { name }),
    ...(profile && { profile }),
    ...(deliveredAt && { deliveredAt }),
    ...(previousIds && { previousIds }),
    ...(replacedIds && { replacedIds }),
  };
}

const formatIds = (ids: readonly string[]): string => ids.map(encodeValue).join(",");

const parseIds = (text: string | undefined): readonly string[] | undefined =>
  text?.split(",").flatMap((each) => decodeValue(each) || []);

function splitField(field: string): readonly [string, string] {
  const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(field) ?? [];
  return [name, value];
}

const encodeValue = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!~*'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function decodeValue(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
