import { toBaseName } from "../core/soft-expiry.ts";
import { type Timestamp, toTimestamp } from "../core/time.ts";
import type { Token } from "../core/token.ts";
import type { DestinationRecord } from "../sinks/sink.ts";

/** The state of a family on the server and at its destinations. */
export interface FamilyState {
  /** The name without a generation number. */
  readonly name: string;
  readonly tokens: readonly Token[];
  /** One record per destination. */
  readonly records: readonly Pick<DestinationRecord, "to" | "record">[];
  /** Returns when the secret of a token was issued; null if the API has no date. */
  readonly issuedAt: (token: Token) => Timestamp | null;
  /** The credential in use, if it is a token. */
  readonly inUse: Pick<Token, "name" | "owner"> | undefined;
  /** The time of the server, in milliseconds since 1970. */
  readonly now: number;
}

/** Milliseconds for which another run may deliver a new token. Longer than a run can take. */
export const deliveryMs = 15 * 60_000;

/** Returns the name of a generation. */
export const toGenerationName = (name: string, generation: number): string =>
  `${name}-r${generation}`;

/** Returns the generation in a token's name: 0 without a number, undefined for a token of another name. */
export function generationOf(family: string, name: string | null): number | undefined {
  const baseName = name === null ? "" : toBaseName(name);
  if (baseName === family) return 0;
  if (!baseName.startsWith(`${family}-r`)) return undefined;
  const digits = baseName.slice(family.length + "-r".length);
  return /^[1-9]\d{0,8}$/.test(digits) ? Number(digits) : undefined;
}

/** Returns the age of a token's secret in milliseconds; NaN if it is unknown, which no comparison meets. */
export function ageOf(token: Token, { issuedAt, now }: FamilyState): number {
  const issued = issuedAt(token);
  return issued === null ? Number.NaN : now - Date.parse(issued);
}

/** Whether a destination has the secret of a token, or may have it after an interrupted delivery. */
export const isRecorded = ({ id }: Pick<Token, "id">, records: FamilyState["records"]): boolean =>
  records.some(({ record }) => record?.id === id || record?.previousIds?.includes(id));

/**
 * Whether a destination may have had a newer generation than the current one: a run on another machine
 * delivers the current one late if both were created within the time of a delivery.
 */
export function mayBeOverwritten(
  token: Token,
  current: Token,
  { issuedAt }: Pick<FamilyState, "issuedAt">,
): boolean {
  const [created, before] = [issuedAt(token), issuedAt(current)];
  if (created === null || before === null) return true;
  return Date.parse(created) - Date.parse(before) < deliveryMs;
}

/**
 * Returns when the last destination got a token. The record has the time of another machine's clock,
 * so it counts only within the time of a delivery.
 */
export function deliveryOf(token: Token, { records, issuedAt }: FamilyState): Timestamp | null {
  const issued = issuedAt(token);
  if (issued === null) return null;
  const times = records.flatMap(({ record }) =>
    record?.id === token.id && record.deliveredAt ? Date.parse(record.deliveredAt) : [],
  );
  const earliest = Date.parse(issued);
  const latest = Math.max(earliest, ...times);
  return latest === earliest
    ? issued
    : toTimestamp(new Date(Math.min(latest, earliest + deliveryMs)));
}
