import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Attempt } from "../core/attempt.ts";
import type { Whereabouts } from "../core/provider.ts";
import { type Timestamp, toTimestamp } from "../core/time.ts";
import type { Token } from "../core/token.ts";
import { UsageError } from "../errors.ts";
import type { Host, ProcessIdentity } from "../host.ts";
import { findStateFolder } from "./folder.ts";
import { isMissing, toFileError } from "./json-file.ts";
import { writePrivately } from "./private-file.ts";

/** Where an attempt was made, and as whom. */
export interface Place extends Readonly<Partial<Record<Whereabouts, string | undefined>>> {
  readonly provider: string;
  readonly url: string;
  readonly region?: string | undefined;
  /** The profile whose credential it was; absent if it came from elsewhere. */
  readonly profile?: string | undefined;
  /** Tells accounts apart, and nothing else of them; absent where that is not possible. */
  readonly account?: string | undefined;
}

/** A create or renew that may have been cut off. */
export interface Entry {
  /** When it was written, by this machine's clock. */
  readonly at: Timestamp;
  readonly place: Place;
  readonly attempt: Attempt;
}

/** An entry in the journal, from before the request until its secret is where it should be. */
export interface Open {
  /** Says that the secret of this token is known, and handed over from now on. @throws UsageError */
  deliver(token: Made): void;
  /** Takes it out of the journal. @throws UsageError */
  end(): void;
}

/** A token whose secret somebody has got, and the how manieth it was, where the provider counts. */
export type Made = Pick<Token, "id" | "version">;

/** What another run is making, or has made while something was open: not what a lost one made. */
export interface Other extends Entry {
  /** Absent as long as it is being made. */
  readonly made?: Made | undefined;
}

/** An entry that a run has left. */
export interface Unfinished extends Entry, Pick<Open, "end"> {
  /** The run was cut off while it handed the secret over: somebody may have it. */
  readonly delivering: boolean;
}

/** What creates and renews have begun, a file each, until the secret is where it should be. */
export interface Journal {
  /** Writes down what is about to be sent. @throws UsageError where nothing can be kept. */
  begin(place: Place, attempt: Attempt): Open;
  /** What runs have left that are over, the oldest first, and what others do. @throws UsageError if it can't be read. */
  unfinished(): Promise<Leftovers>;
}

export interface Leftovers {
  readonly entries: readonly Unfinished[];
  readonly others: readonly Other[];
  /** What is wrong with files that hold something else. */
  readonly broken: readonly UsageError[];
}

/** What is written of a run: which it is, and what it began. */
export interface JournalRecord extends Other {
  readonly process: ProcessIdentity;
}

/** How the name of an entry ends whose secret is being handed over. */
const inDelivery = ".delivering.json";
/** And how that of a note which says what a run has made. */
const ofMade = ".made.json";

/** How long a run of another machine, which nobody here can ask, is taken to last. */
const patience = 15 * 60_000;

/** The journal of this person; undefined where there is no place for one. */
export function createJournal(
  host: Pick<Host, "env" | "platform" | "now" | "randomBytes" | "process" | "isRunning">,
): Journal | undefined {
  const state = findStateFolder(host);
  if (state === undefined) return undefined;
  const folder = join(state, "journal");
  const random = () => Buffer.from(host.randomBytes(8)).toString("hex");
  const isOver = ({ process, at }: JournalRecord, self: ProcessIdentity): boolean =>
    process.machine === self.machine
      ? !isSame(process, self) && !host.isRunning(process)
      : host.now().getTime() - Date.parse(at) > patience;

  /** The notes are of use as long as something is open. */
  const end = (path: string): void => {
    remove(path);
    const names = namesIn(folder);
    if (names.every((name) => name.endsWith(ofMade)))
      for (const name of names) remove(join(folder, name));
  };

  return {
    begin(place, attempt) {
      const at = toTimestamp(host.now());
      const name = `${at.replaceAll(":", "")}-${random()}`;
      const record: JournalRecord = { at, process: host.process, place, attempt };
      let path = join(folder, `${name}.json`);
      writePrivately(path, JSON.stringify(record), random());
      return {
        deliver({ id, version }) {
          const next = join(folder, `${name}${inDelivery}`);
          onFile(path, "written", () => renameSync(path, next));
          path = next;
          if (namesIn(folder).some((other) => !other.startsWith(name)))
            writePrivately(
              join(folder, `${name}${ofMade}`),
              JSON.stringify({ ...record, made: { id, version } }),
              random(),
            );
        },
        end: () => end(path),
      };
    },
    async unfinished() {
      const names = namesIn(folder).toSorted();
      if (names.length === 0) return { entries: [], others: [], broken: [] };
      const { readRecord } = await import("./journal-record.ts");
      const self = host.process;
      const entries: Unfinished[] = [];
      const others: Other[] = [];
      const broken: UsageError[] = [];
      for (const path of names.map((name) => join(folder, name)))
        try {
          const record = readRecord(path);
          if (!record) continue;
          if (record.made) others.push(record);
          else if (!isOver(record, self)) isSame(record.process, self) || others.push(record);
          else
            entries.push({
              ...record,
              delivering: path.endsWith(inDelivery),
              end: () => end(path),
            });
        } catch (error) {
          if (!(error instanceof UsageError)) throw error;
          broken.push(error);
        }
      return { entries, others, broken };
    },
  };
}

const isSame = (one: ProcessIdentity, other: ProcessIdentity): boolean =>
  one.machine === other.machine && one.id === other.id && one.begun === other.begun;

function namesIn(folder: string): readonly string[] {
  try {
    // Reading a pipe would never end, and a link leads to what is none of ours.
    return readdirSync(folder, { withFileTypes: true })
      .filter((file) => file.isFile() && file.name.endsWith(".json"))
      .map(({ name }) => name);
  } catch (error) {
    if (isMissing(error)) return [];
    throw toFileError(error, folder, "read");
  }
}

const remove = (path: string) => onFile(path, "removed", () => rmSync(path, { force: true }));

function onFile(path: string, verb: "written" | "removed", action: () => void): void {
  try {
    action();
  } catch (error) {
    throw toFileError(error, path, verb);
  }
}
