import * as v from "valibot";
import { BrokenFileError, readJsonFile } from "../config/json-file.ts";
import { readUnlinked } from "../config/private-file.ts";
import type { ProjectRef } from "../core/connection.ts";
import { quoteWord } from "../core/quoting.ts";
import { parseTimestamp, type Timestamp } from "../core/time.ts";
import { UsageError } from "../errors.ts";
import type { ProcessIdentity } from "../host.ts";
import type { PendingOperation, RecordedOperation, SecretVersion } from "./pending-operation.ts";

/** The target and the account of an operation. */
export interface OperationTarget extends Readonly<Partial<Record<ProjectRef, string | undefined>>> {
  readonly provider: string;
  readonly url: string;
  readonly region?: string | undefined;
  /** The profile that the credential came from; absent for other credentials. */
  readonly profile?: string | undefined;
  /** An opaque identifier of the account; absent if it can't be determined. */
  readonly account?: string | undefined;
}

/** A create or renew that is running or was interrupted. */
export interface JournalEntry extends RecordedOperation {
  /** The start time by the clock of this machine. */
  readonly startedAt: Timestamp;
  readonly target: OperationTarget;
}

/** A journal entry with the process that owns it. */
export interface OwnedEntry extends JournalEntry {
  readonly process: ProcessIdentity;
}

/** A secret that a run on this machine delivered. */
export interface DeliveredSecret extends SecretVersion {
  /** The owner of the token, if it is another user. */
  readonly owner: string | null;
  /** When the request was sent. */
  readonly at: Timestamp;
  /** The name of the journal entry. */
  readonly entry: string;
  readonly target: OperationTarget;
}

const Time = v.pipe(
  v.string(),
  v.check((text) => parseTimestamp(text) === text),
);
const NullableText = v.nullable(v.string());
const NullableTime = v.nullable(Time);
const OptionalText = v.optional(v.string());

const tokenAttributes = {
  name: NullableText,
  roles: v.array(v.string()),
  labelSelector: NullableText,
  resource: NullableText,
  description: NullableText,
};

const request = {
  owner: NullableText,
  sending: v.object({
    sentAt: Time,
    endedAt: NullableTime,
    offset: v.nullable(v.object({ min: v.number(), max: v.number() })),
  }),
};

const StoredToken = v.object({
  ...tokenAttributes,
  id: v.string(),
  owner: NullableText,
  region: NullableText,
  createdAt: NullableTime,
  updatedAt: NullableTime,
  expiresAt: NullableTime,
  expiryEnforcedBy: v.optional(v.nullable(v.picklist(["server", "client"])), null),
  status: v.picklist(["active", "expired"]),
  version: v.nullable(v.number()),
});

const Target = v.object({
  provider: v.string(),
  url: v.string(),
  region: OptionalText,
  project: OptionalText,
  namespace: OptionalText,
  profile: OptionalText,
  account: OptionalText,
});

const secretVersion = { id: v.string(), version: v.nullable(v.number()) };

/** The format of an entry's file. */
const EntryFile = v.object({
  at: Time,
  process: v.object({
    id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    machine: v.string(),
    startTime: OptionalText,
  }),
  place: Target,
  attempt: v.variant("kind", [
    v.object({
      ...request,
      kind: v.literal("create"),
      wanted: v.object(tokenAttributes),
      known: v.nullable(v.array(v.string())),
      isEphemeral: v.optional(v.boolean()),
    }),
    v.object({
      ...request,
      kind: v.literal("renew"),
      token: StoredToken,
      isRecovery: v.boolean(),
      isTokenUnchanged: v.optional(v.boolean()),
    }),
  ]),
  made: v.optional(v.object(secretVersion)),
});

type Attempt = v.InferOutput<typeof EntryFile>["attempt"];

/**
 * Reads a journal entry; undefined if its file no longer exists.
 * @throws UsageError if the file can't be read, or has another format.
 */
export function readEntry(path: string): OwnedEntry | undefined {
  const object = readJson(path);
  if (!object) return undefined;
  const result = v.safeParse(EntryFile, object);
  if (!result.success)
    throw invalidEntry(path, `invalid value of "${v.getDotPath(result.issues[0])}"`);
  const { at, process, place, attempt, made } = result.output;
  return { startedAt: at, process, target: place, operation: toOperation(attempt), issued: made };
}

function toOperation({ sending, ...attempt }: Attempt): PendingOperation {
  if (attempt.kind === "renew") return { ...attempt, request: sending };
  const { known, ...create } = attempt;
  return { ...create, request: sending, existingIds: known };
}

function readJson(path: string) {
  try {
    return readJsonFile(path);
  } catch (error) {
    throw error instanceof BrokenFileError ? invalidEntry(path, "invalid JSON") : error;
  }
}

const invalidEntry = (path: string, reason: string) =>
  new UsageError(`${path} is not a valid journal entry: ${reason}.`, {
    hint: [
      "It may be about a token whose secret was lost. Look for such a token: tokctl token list",
      `Then remove the file: rm ${quoteWord(path)}`,
    ],
  });

/** The format of a line in the log of delivered secrets. */
const DeliveredLine = v.object({
  ...secretVersion,
  owner: NullableText,
  at: Time,
  entry: v.string(),
  place: Target,
});

/**
 * Reads the log of delivered secrets, which has one JSON object per line. Skips invalid lines.
 * @throws UsageError if the file can't be read.
 */
export const readDeliveredSecrets = (path: string): readonly DeliveredSecret[] =>
  (readUnlinked(path)?.text ?? "").split("\n").flatMap(parseDelivered);

function parseDelivered(line: string): DeliveredSecret | readonly [] {
  try {
    const result = v.safeParse(DeliveredLine, JSON.parse(line));
    if (!result.success) return [];
    const { place, ...secret } = result.output;
    return { ...secret, target: place };
  } catch {
    return [];
  }
}
