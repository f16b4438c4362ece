import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Credential } from "../core/credential.ts";
import { CliError, UnauthenticatedError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { requireConfigFolder } from "./folder.ts";
import { codeOf, isMissing, toFileError } from "./json-file.ts";
import { checkProfileName, setAsideIfBroken } from "./profiles.ts";

/** A credential that is kept, and the only origin that it may be sent to. */
export interface StoredCredential {
  readonly credential: Credential;
  readonly origin: string;
}

/** The credentials of profiles: a file each, which only its owner can read. */
export interface CredentialStore {
  /** @throws UsageError for a file that others can read, a link, or one that is broken. */
  read(profile: string): Promise<StoredCredential | undefined>;
  /** Replaces what is there at once: at any moment there is the old one or the new one. */
  write(profile: string, stored: StoredCredential): Promise<void>;
  /**
   * Replaces the credential by what `renew` makes of it, one process at a time, and returns that.
   * @throws UnauthenticatedError if there is none any more.
   */
  replace(profile: string, renew: (kept: Credential) => Promise<Credential>): Promise<Credential>;
  /** False if there was none. */
  remove(profile: string): boolean;
  /** Whether there is one, good or not. */
  has(profile: string): boolean;
  /** Moves a broken one out of the way; returns its new name. */
  setAside(profile: string): Promise<readonly string[]>;
}

/** How long another process may take to renew a credential, in milliseconds. */
const patience = 30_000;

export function createCredentialStore(
  folder: string | undefined,
  { now, platform, randomBytes, sleep }: Pick<Host, "now" | "platform" | "randomBytes" | "sleep">,
): CredentialStore {
  const fileOf = (profile: string) =>
    join(requireConfigFolder(folder), "credentials", `${checkProfileName(profile)}.json`);
  const loadFormat = () => import("./stored-credential.ts");
  const store: CredentialStore = {
    async read(profile) {
      const path = fileOf(profile);
      const text = readPrivately(path, platform);
      return text === undefined ? undefined : (await loadFormat()).parseStored(text, path);
    },
    async write(profile, stored) {
      const path = fileOf(profile);
      const { formatStored } = await loadFormat();
      const fresh = `${path}.${Buffer.from(randomBytes(8)).toString("hex")}.tmp`;
      writePrivately(path, formatStored(stored), fresh);
    },
    async replace(profile, renew) {
      const path = fileOf(profile);
      const { withLock } = await import("./lock.ts");
      const replaced = withLock(
        `${path}.lock`,
        sleep,
        async () => {
          const stored = await store.read(profile);
          if (!stored)
            throw new UnauthenticatedError(`The credential of "${profile}" is gone.`, {
              hint: `tokctl login -p ${profile} signs in.`,
            });
          const credential = await renew(stored.credential);
          if (credential !== stored.credential)
            await store.write(profile, { ...stored, credential });
          return credential;
        },
        patience,
      );
      return replaced.catch((error: unknown) => {
        throw error instanceof CliError ? error : toFileError(error, path, "written");
      });
    },
    remove(profile) {
      const path = fileOf(profile);
      try {
        // What a killed process left half done holds a secret too.
        for (const file of readdirSync(dirname(path)))
          if (file.startsWith(`${profile}.json.`) && file.endsWith(".tmp"))
            rmSync(join(dirname(path), file), { force: true });
        // Of a link only the link.
        rmSync(path);
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw toFileError(error, path, "removed");
      }
    },
    has(profile) {
      if (folder === undefined) return false;
      const path = fileOf(profile);
      try {
        lstatSync(path);
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        throw toFileError(error, path, "read");
      }
    },
    async setAside(profile) {
      const { parseStored } = await loadFormat();
      return setAsideIfBroken(fileOf(profile), now(), (path) => {
        const text = readPrivately(path, platform);
        if (text !== undefined) parseStored(text, path);
      });
    },
  };
  return store;
}

/** Looks at the very file that is then read, so that nothing can be put in its place in between. */
function readPrivately(path: string, platform: string): string | undefined {
  let file: number | undefined;
  try {
    // There is no such flag on Windows.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    const stat = fstatSync(file);
    // On Windows the mode says nothing about who may read.
    if (platform !== "win32" && (stat.mode & 0o077) !== 0)
      throw new UsageError(`${path} holds a credential that others on this machine can read.`, {
        hint: `Renew the credential if they may have, and run: chmod 600 '${path}'`,
      });
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (codeOf(error) === "ELOOP") throw linkError(path);
    throw toFileError(error, path, "read");
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A new file beside the old one, on the disk before it takes the old one's name. */
function writePrivately(path: string, text: string, fresh: string): void {
  let left = false;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkError(path);
    const file = openSync(fresh, "wx", 0o600);
    left = true;
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    if (left) rmSync(fresh, { force: true });
    throw toFileError(error, path, "written");
  }
}

const linkError = (path: string) =>
  new UsageError(`${path} is a symbolic link; a credential is kept in no such file.`, {
    hint: "Remove the link.",
  });
