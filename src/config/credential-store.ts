import { dirname, join } from "node:path";
import { type Credential, type StorageKind, storageKinds } from "../core/credential.ts";
import { toHex } from "../core/text.ts";
import { UnauthenticatedError, UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { requireConfigDirectory } from "./directories.ts";
import { toFileError } from "./file-errors.ts";
import { createKeychainWithTimeout, KeychainError } from "./keychain.ts";
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
 * Where a new credential is to be kept; undefined if nobody says.
 * @throws UsageError for an environment that says something else.
 */
export function resolveStorageKind(
  option: StorageKind | undefined,
  { TOKCTL_CREDENTIAL_STORE: wanted }: Host["env"],
): StorageKind | undefined {
  if (option !== undefined || !wanted) return option;
  const store = storageKinds.find((known) => known === wanted);
  if (!store)
    throw new UsageError(`TOKCTL_CREDENTIAL_STORE is "${wanted}": no credential is kept there.`, {
      hint: `It is one of ${storageKinds.join(", ")}.`,
    });
  return store;
}

/**
 * The credentials of profiles: each in a file that only its owner can read, or in the operating
 * system's keychain. Then the file says so: nobody has to guess, and the keychain is asked for
 * nothing that it has not.
 */
export interface CredentialStore {
  /**
   * @throws UsageError for a file that others can read, a link, or one that is broken;
   * UnauthenticatedError if the keychain has it and does not hand it out.
   */
  read(profile: string): Promise<StoredCredential | undefined>;
  /**
   * Replaces what is there at once: at any moment there is the old one or the new one. Without
   * `store` it stays where it was, at first in a file. The person is told where a keychain that
   * can't be used made it a file.
   */
  write(profile: string, stored: StoredCredential, store?: StorageKind): Promise<void>;
  /**
   * Replaces the credential by what `renew` makes of it, one process at a time, and returns that.
   * @throws UnauthenticatedError if there is none any more.
   */
  replace(profile: string, renew: (kept: Credential) => Promise<Credential>): Promise<Credential>;
  /** False if there was none. The person is told if the keychain keeps it all the same. */
  remove(profile: string): Promise<boolean>;
  /** The profiles that there is one for, good or not. The keychain is not asked. */
  names(): readonly string[];
  /** Whether there is one, good or not. The keychain is not asked. */
  has(profile: string): boolean;
  /** Where there is one, good or not. The keychain is not asked. */
  storageOf(profile: string): Promise<StorageKind | undefined>;
  /**
   * What stands in its file, to tell it from another; undefined if there is none. The keychain is
   * not asked. @throws UsageError for a file that others can read, or a link.
   */
  readFileText(profile: string): string | undefined;
  /** Moves a broken one out of the way; returns its new name. */
  moveAsideIfBroken(profile: string): Promise<readonly string[]>;
}

/** Milliseconds for what a renewal does besides its request: it may ask the keychain several times. */
const besidesRequest = 15_000;

export function createCredentialStore(
  folder: string | undefined,
  host: LockHost & Pick<Host, "keychain" | "deadline">,
  warn: (text: string) => Promise<void>,
  /** Milliseconds that the request of a renewal may take. */
  timeout = 30_000,
): CredentialStore {
  const keychain = createKeychainWithTimeout(host);
  const loadFormat = () => import("./stored-credential.ts");
  const fileOf = (profile: string) =>
    join(requireConfigDirectory(folder), "credentials", `${checkProfileName(profile)}.json`);
  const mark = () => toHex(host.randomBytes(8));
  const replaceFile = (path: string, text: string) => writePrivateFile(path, text, mark());

  /** The keychain's entry that a file names; a file that is none of ours names none. */
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
      if (text !== undefined)
        return (await loadFormat()).parseKeychainEntry(text, `The keychain's entry ${entry}`);
    } catch (error) {
      if (!(error instanceof KeychainError)) throw error;
      throw new UnauthenticatedError(
        `The credential of the profile "${profile}" is in the keychain, which ${error.message}.`,
        {
          hint: `Unlock the keychain, or start its service, and try again; or sign in anew and keep the credential in a file: ${again} --store file`,
          cause: error,
        },
      );
    }
    throw new UnauthenticatedError(
      `The keychain has no credential for the profile "${profile}" any more.`,
      { hint: `${again} signs in anew.` },
    );
  }

  /** Returns what keeps the keychain from it. */
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
      // Without its file nobody would look for it.
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
        `The keychain ${error.message}: its entry ${entry} of tokctl, if it is there, remains. Remove it with the system's own tool.`,
      );
    }
  }

  /** Lets no other process change the credential meanwhile: a renewal must not undo a sign-in. */
  async function locked<T>(
    profile: string,
    verb: "written" | "removed",
    work: () => Promise<T>,
  ): Promise<T> {
    const path = fileOf(profile);
    const { withLock } = await import("./lock.ts");
    try {
      return await withLock(`${path}.lock`, host, timeout + besidesRequest, work);
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
      await warn(`The keychain ${failure.message}: the credential goes to ${path} instead.`);
    }
    replaceFile(path, text);
    if (old !== undefined) await forget(old);
  }

  const store: CredentialStore = {
    async read(profile) {
      const path = fileOf(profile);
      const text = readPrivateFile(path, host.platform);
      if (text === undefined) return undefined;
      const kept = (await loadFormat()).parseCredentialFile(text, path);
      return "entry" in kept ? readEntry(kept.entry, profile) : kept;
    },
    write: (profile, stored, wanted) =>
      locked(profile, "written", () => put(profile, stored, wanted)),
    replace: (profile, renew) =>
      locked(profile, "written", async () => {
        const stored = await store.read(profile);
        if (!stored)
          throw new UnauthenticatedError(`The credential of "${profile}" is gone.`, {
            hint: `tokctl login -p ${profile} signs in.`,
          });
        // The old one may be dead once there is a new one: room for that is taken before.
        const release = reserveSpace(fileOf(profile), mark());
        const credential = await renew(stored.credential).finally(release);
        if (credential !== stored.credential) await put(profile, { ...stored, credential });
        return credential;
      }),
    async remove(profile) {
      const path = fileOf(profile);
      if (!pathExists(dirname(path))) return false;
      return locked(profile, "removed", async () => {
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
      const { parseCredentialFile: parseKept } = await loadFormat();
      return moveAsideIfBroken(fileOf(profile), host.now(), (path) => {
        const text = readPrivateFile(path, host.platform);
        if (text !== undefined) parseKept(text, path);
      });
    },
  };
  return store;
}
