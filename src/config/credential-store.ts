import { dirname, join } from "node:path";
import type { Credential, StorageKind } from "../core/credential.ts";
import { toFileError } from "../core/system-errors.ts";
import { toHex } from "../core/text.ts";
import { UnauthenticatedError, UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { requireConfigDirectory } from "./directories.ts";
import { repairWithProfile } from "./json-file.ts";
import { createKeychainWithTimeout, KeychainError } from "./keychain-with-timeout.ts";
import type { LockHost } from "./lock.ts";
import {
  pathExists,
  readPrivateFile,
  readUnlinked,
  removePrivateFile,
  reserveSpace,
  writePrivateFile,
} from "./private-file.ts";
import { checkProfileName, listProfileNames, moveAsideIfBroken } from "./profiles.ts";
import type { StoredCredential } from "./stored-credential.ts";

/**
 * The credentials of profiles. Each is in a file that only its owner can read, or in the keychain
 * of the operating system. For the keychain, the file contains the name of the entry, so that other
 * credentials need no access to the keychain.
 */
export interface CredentialStore {
  /**
   * Returns the credential; undefined if the profile has none.
   * @throws UsageError for a file that others can read, a symbolic link or an invalid file;
   * UnauthenticatedError if the keychain can't be used.
   */
  read(profile: string): Promise<StoredCredential | undefined>;
  /**
   * Writes or replaces the credential atomically. Without `store`, an existing credential keeps its
   * storage and a new one is written to a file. If the keychain can't be used, writes a file and
   * warns.
   * @throws UsageError if the file can't be written
   */
  write(profile: string, stored: StoredCredential, store?: StorageKind): Promise<void>;
  /**
   * Replaces the credential with the result of `renew`, and returns it. Only one process at a time
   * does this.
   * @throws UnauthenticatedError if the credential no longer exists
   */
  replace(profile: string, renew: (kept: Credential) => Promise<Credential>): Promise<Credential>;
  /**
   * Removes the credential. Returns false if there was none. Warns if it can't be removed from the
   * keychain.
   */
  remove(profile: string): Promise<boolean>;
  /**
   * Returns the names of profiles with a credential, including invalid ones. Does not use the
   * keychain.
   */
  names(): readonly string[];
  /** Returns whether a credential exists, even an invalid one. Does not use the keychain. */
  has(profile: string): boolean;
  /** Returns where the credential is; undefined if the profile has none. Does not use the keychain. */
  storageOf(profile: string): Promise<StorageKind | undefined>;
  /**
   * Returns the text of the file, to compare it; undefined if it does not exist. Does not use the keychain.
   * @throws UsageError for a file that others can read, or a symbolic link
   */
  readFileText(profile: string): string | undefined;
  /** Renames an invalid file. Returns the new path, or an empty list. */
  moveAsideIfBroken(profile: string): Promise<readonly string[]>;
}

/** Milliseconds that the keychain calls of a renewal take at most, in addition to its request. */
const keychainMs = 15_000;

/** Opens the credentials in a configuration directory. */
export function createCredentialStore(
  folder: string | undefined,
  host: LockHost & Pick<Host, "keychain" | "deadline">,
  warn: (text: string) => Promise<void>,
  /** Milliseconds that the request of a renewal takes at most. */
  timeout = 30_000,
): CredentialStore {
  const keychain = createKeychainWithTimeout(host);
  const loadFormat = () => import("./stored-credential.ts");
  const fileOf = (profile: string) =>
    join(requireConfigDirectory(folder), "credentials", `${checkProfileName(profile)}.json`);
  const mark = () => toHex(host.randomBytes(8));
  const replaceFile = (path: string, text: string) => writePrivateFile(path, text, mark());

  /** Returns the keychain entry that a file names; undefined for an invalid file. */
  async function findEntry(path: string): Promise<string | undefined> {
    try {
      const file = readUnlinked(path);
      const kept = file && (await loadFormat()).parseCredentialFile(file.text, path);
      return kept && "entry" in kept ? kept.entry : undefined;
    } catch (error) {
      if (error instanceof UsageError) return undefined;
      throw error;
    }
  }

  async function readEntry(entry: string, profile: string): Promise<StoredCredential> {
    const again = `tokctl login -p ${profile}`;
    try {
      const text = await keychain.get(entry);
      const { parseKeychainEntry } = await loadFormat();
      if (text !== undefined)
        return repairWithProfile(profile, () =>
          parseKeychainEntry(text, `The keychain's entry ${entry}`),
        );
    } catch (error) {
      if (!(error instanceof KeychainError)) throw error;
      throw new UnauthenticatedError(
        `Cannot read the credential of profile "${profile}": the keychain ${error.message}.`,
        {
          hint: [
            "Unlock the keychain or start its service, and try again.",
            `Or sign in again and store the credential in a file: ${again} --store file`,
          ],
          cause: error,
        },
      );
    }
    throw new UnauthenticatedError(
      `The credential of profile "${profile}" is no longer in the keychain.`,
      { hint: `Sign in again: ${again}` },
    );
  }

  /** Sets a keychain entry. Returns the error if the keychain can't be used. */
  async function setEntry(entry: string, secret: string): Promise<KeychainError | undefined> {
    try {
      await keychain.set(entry, secret);
      return undefined;
    } catch (error) {
      if (error instanceof KeychainError) return error;
      throw error;
    }
  }

  async function pointTo(entry: string, path: string): Promise<void> {
    try {
      replaceFile(path, (await loadFormat()).formatKeychainPointer({ store: "keychain", entry }));
    } catch (error) {
      // Without the file, nothing refers to the entry.
      await forget(entry);
      throw error;
    }
  }

  async function forget(entry: string): Promise<void> {
    try {
      await keychain.delete(entry);
    } catch (error) {
      if (!(error instanceof KeychainError)) throw error;
      await warn(
        `The keychain ${error.message}: the entry ${entry} was not removed. Remove it with the system's keychain tool.`,
      );
    }
  }

  /** Holds the lock of the credential, so that a renewal does not overwrite a concurrent sign-in. */
  async function locked<T>(
    profile: string,
    verb: "write" | "remove",
    work: () => Promise<T>,
  ): Promise<T> {
    const path = fileOf(profile);
    const { withLock } = await import("./lock.ts");
    try {
      return await withLock(`${path}.lock`, host, timeout + keychainMs, work);
    } catch (error) {
      throw toFileError(error, path, verb);
    }
  }

  async function put(
    profile: string,
    stored: StoredCredential,
    wanted?: StorageKind,
  ): Promise<void> {
    const path = fileOf(profile);
    const text = (await loadFormat()).formatCredential(stored);
    const old = await findEntry(path);
    if (wanted === "keychain" || (wanted === undefined && old !== undefined)) {
      const failure = await setEntry(old ?? path, text);
      if (!failure) return old === undefined ? pointTo(path, path) : undefined;
      await warn(`The keychain ${failure.message}: the credential is stored in ${path} instead.`);
    }
    replaceFile(path, text);
    if (old !== undefined) await forget(old);
  }

  const store: CredentialStore = {
    async read(profile) {
      const path = fileOf(profile);
      const text = readPrivateFile(path, host.platform);
      if (text === undefined) return undefined;
      const { parseCredentialFile } = await loadFormat();
      const kept = repairWithProfile(profile, () => parseCredentialFile(text, path));
      return "entry" in kept ? readEntry(kept.entry, profile) : kept;
    },
    write: (profile, stored, wanted) =>
      locked(profile, "write", () => put(profile, stored, wanted)),
    replace: (profile, renew) =>
      locked(profile, "write", async () => {
        const stored = await store.read(profile);
        if (!stored)
          throw new UnauthenticatedError(
            `The credential of profile "${profile}" no longer exists.`,
            {
              hint: `Sign in: tokctl login -p ${profile}`,
            },
          );
        // The old credential may stop working after a renewal, so disk space is reserved first.
        const release = reserveSpace(fileOf(profile), mark());
        const credential = await renew(stored.credential).finally(release);
        if (credential !== stored.credential) await put(profile, { ...stored, credential });
        return credential;
      }),
    async remove(profile) {
      const path = fileOf(profile);
      if (!pathExists(dirname(path))) return false;
      return locked(profile, "remove", async () => {
        const entry = await findEntry(path);
        if (entry !== undefined) await forget(entry);
        return removePrivateFile(path);
      });
    },
    names: () => (folder === undefined ? [] : listProfileNames(join(folder, "credentials"))),
    has: (profile) => folder !== undefined && pathExists(fileOf(profile)),
    async storageOf(profile) {
      if (folder === undefined || !pathExists(fileOf(profile))) return undefined;
      return (await findEntry(fileOf(profile))) === undefined ? "file" : "keychain";
    },
    readFileText: (profile) => readPrivateFile(fileOf(profile), host.platform),
    async moveAsideIfBroken(profile) {
      const { parseCredentialFile } = await loadFormat();
      return moveAsideIfBroken(fileOf(profile), host.now(), (path) => {
        const text = readPrivateFile(path, host.platform);
        if (text !== undefined) parseCredentialFile(text, path);
      });
    },
  };
  return store;
}
