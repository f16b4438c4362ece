import * as v from "valibot";
import { parseTimestamp } from "../core/time.ts";
import { UsageError } from "../errors.ts";
import type { JournalRecord } from "./journal.ts";
import { BrokenFileError, readJsonFile } from "./json-file.ts";

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
  window: v.nullable(v.object({ from: Time, until: Time })),
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

const Schema = v.object({
  at: Time,
  process: v.object({
    id: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    machine: v.string(),
    begun: word,
  }),
  place: v.object({
    provider: v.string(),
    url: v.string(),
    region: word,
    project: word,
    namespace: word,
    profile: word,
    account: word,
  }),
  attempt: v.variant("kind", [
    v.object({
      ...sent,
      kind: v.literal("create"),
      wanted: v.object(described),
      known: v.nullable(v.array(v.string())),
    }),
    v.object({ ...sent, kind: v.literal("renew"), token: Token }),
  ]),
  made: v.optional(v.object({ id: v.string(), version: v.nullable(v.number()) })),
});

/**
 * What a file of the journal holds; undefined if it has gone by now.
 * @throws UsageError for one that holds something else, or can't be read.
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
