import * as v from "valibot";
import { parseTimestamp } from "../core/time.ts";
import { UsageError } from "../errors.ts";
import type { HandedOver, JournalRecord } from "./journal.ts";
import { BrokenFileError, readJsonFile } from "./json-file.ts";
import { readUnlinked } from "./private-file.ts";

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

const Place = v.object({
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
  place: Place,
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
  place: Place,
});

/**
 * Reads the log of secrets that were handed over, a line each. What is no such line is skipped.
 * @throws UsageError if it can't be read.
 */
export const readHandedOver = (path: string): readonly HandedOver[] =>
  (readUnlinked(path)?.text ?? "").split("\n").flatMap(parseLine);

function parseLine(line: string): HandedOver | readonly [] {
  try {
    const result = v.safeParse(HandedOverSchema, JSON.parse(line));
    return result.success ? result.output : [];
  } catch {
    return [];
  }
}
