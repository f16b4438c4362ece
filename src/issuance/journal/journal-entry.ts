import * as v from "valibot";
import { BrokenFileError } from "../../config/file-errors.ts";
import { readJsonFile } from "../../config/json-file.ts";
import { readUnlinked } from "../../config/private-file.ts";
import type { ProjectRef } from "../../core/connection.ts";
import { parseTimestamp, type Timestamp } from "../../core/time.ts";
import { UsageError } from "../../errors.ts";
import type { ProcessIdentity } from "../../host/host.ts";
import type { PendingOperation, SecretVersion } from "../pending-operation.ts";

const Time = v.pipe(
  v.string(),
  v.check((text) => parseTimestamp(text) === text),
);
const text = v.nullable(v.string());
const time = v.nullable(Time);
const word = v.optional(v.string());

const described = {
  name: text,
  roles: v.array(v.string()),
  labelSelector: text,
  resource: text,
  description: text,
};

const sent = {
  owner: text,
  sending: v.object({
    sentAt: Time,
    endedAt: time,
    offset: v.nullable(v.object({ min: v.number(), max: v.number() })),
  }),
};

const Token = v.object({
  ...described,
  id: v.string(),
  owner: text,
  region: text,
  createdAt: time,
  updatedAt: time,
  expiresAt: time,
  status: v.picklist(["active", "expired"]),
  version: v.nullable(v.number()),
});

const Target = v.object({
  provider: v.string(),
  url: v.string(),
  region: word,
  project: word,
  namespace: word,
  profile: word,
  account: word,
});

const made = { id: v.string(), version: v.nullable(v.number()) };

const Schema = v.object({
  at: Time,
  process: v.object({
    id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    machine: v.string(),
    begun: word,
  }),
  place: Target,
  attempt: v.variant("kind", [
    v.object({
      ...sent,
      kind: v.literal("create"),
      wanted: v.object(described),
      known: v.nullable(v.array(v.string())),
    }),
    v.object({ ...sent, kind: v.literal("renew"), token: Token, isRecovery: v.boolean() }),
  ]),
  made: v.optional(v.object(made)),
});

/**
 * Reads an entry of the journal; undefined if it has gone by now.
 * @throws UsageError for a file that is no entry, or can't be read.
 */
export function readRecord(path: string): JournalRecord | undefined {
  const object = read(path);
  if (!object) return undefined;
  const result = v.safeParse(Schema, object);
  if (result.success) return result.output;
  throw brokenEntry(path, `its "${v.getDotPath(result.issues[0])}" is not as it should be`);
}

function read(path: string) {
  try {
    return readJsonFile(path);
  } catch (error) {
    throw error instanceof BrokenFileError ? brokenEntry(path, "it is no entry") : error;
  }
}

const brokenEntry = (path: string, reason: string) =>
  new UsageError(`${path} is broken: ${reason}.`, {
    hint: "Look with tokctl token list whether a token was made that nobody asked for, then remove the file.",
  });

const HandedOverSchema = v.object({
  ...made,
  owner: text,
  at: Time,
  entry: v.string(),
  place: Target,
});

/**
 * Reads the log of secrets that were handed over, a line each. What is no such line is skipped.
 * @throws UsageError if it can't be read.
 */
export const readHandedOver = (path: string): readonly DeliveredSecret[] =>
  (readUnlinked(path)?.text ?? "").split("\n").flatMap(parseLine);

function parseLine(line: string): DeliveredSecret | readonly [] {
  try {
    const result = v.safeParse(HandedOverSchema, JSON.parse(line));
    return result.success ? result.output : [];
  } catch {
    return [];
  }
}

/** Where an attempt was made, and as whom. */
export interface OperationTarget extends Readonly<Partial<Record<ProjectRef, string | undefined>>> {
  readonly provider: string;
  readonly url: string;
  readonly region?: string | undefined;
  /** The profile whose credential it was; absent if it came from elsewhere. */
  readonly profile?: string | undefined;
  /** Tells accounts apart, and nothing else of them; absent where that is not possible. */
  readonly account?: string | undefined;
}

/** A create or renew that may have been interrupted. */
export interface JournalEntry {
  /** When it was written, by this machine's clock. */
  readonly at: Timestamp;
  readonly place: OperationTarget;
  readonly attempt: PendingOperation;
  /** The token whose secret was being handed over; absent as long as none is known. */
  readonly made?: SecretVersion | undefined;
}

/** A secret that was handed over by a run of this machine. */
export interface DeliveredSecret extends SecretVersion {
  /** The other user whose token it is. */
  readonly owner: string | null;
  /** When the request for it was sent. */
  readonly at: Timestamp;
  /** The name of its entry. */
  readonly entry: string;
  readonly place: OperationTarget;
}

/** What is written of a run: which it is, and what it began. */
export interface JournalRecord extends JournalEntry {
  readonly process: ProcessIdentity;
}
