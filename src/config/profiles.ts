import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Profile, type ProfileKey, profileKeys } from "../core/profile.ts";
import { isMissingFile, toFileError } from "../core/system-errors.ts";
import { ownValue, toHex } from "../core/text.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { checkWritable, findConfigDirectory, requireConfigDirectory } from "./directories.ts";
import {
  BrokenFileError,
  changeJsonFile,
  type JsonObject,
  readJsonFile,
  repairWithProfile,
} from "./json-file.ts";
import type { LockHost } from "./lock.ts";

/** The user that signed in, as the provider reports it. */
export interface SignedInUser {
  readonly name: string;
  readonly project: string | null;
}

/**
 * The profiles of the user: one file for each, so that concurrent writers don't overwrite each
 * other, and `config.json` with the name of the current one. Methods that take a name throw
 * UsageError if the name is invalid, or if a file can't be read or written.
 */
export interface Profiles {
  /** Returns the names of all profiles, including invalid ones. */
  names(): readonly string[];
  /**
   * Returns a profile; undefined if it does not exist.
   * @throws BrokenFileError for an invalid file.
   */
  find(name: string): Profile | undefined;
  /**
   * Returns a profile; undefined if it does not exist or is invalid. For commands that replace the
   * profile.
   */
  findValid(name: string): Profile | undefined;
  /**
   * Returns a profile.
   * @param source where its name comes from, for the error: `TOKCTL_PROFILE`.
   * @throws UsageError if it does not exist; BrokenFileError for an invalid file.
   */
  get(name: string, source?: string): Profile;
  /** Returns the name of the current profile. @throws BrokenFileError for an invalid file */
  current(): string | undefined;
  /** Sets the current profile; undefined unsets it. */
  setCurrent(name: string | undefined): Promise<void>;
  /**
   * Creates a profile or changes its settings. An undefined setting is removed; other settings are
   * preserved.
   */
  save(
    name: string,
    settings: Readonly<Partial<Record<ProfileKey, string | undefined>>>,
  ): Promise<void>;
  /**
   * Saves a profile after a sign-in, with a new random ID of the sign-in.
   * @param replaces whether all other settings are removed.
   */
  saveSignIn(
    name: string,
    settings: Parameters<Profiles["save"]>[1],
    as: SignedInUser | undefined,
    replaces: boolean,
  ): Promise<void>;
  /** Checks before a sign-in that a profile can be saved. @throws UsageError if not. */
  requireWritable(): Promise<void>;
  /** Returns the user that signed in last, if known. */
  signedInAs(name: string): SignedInUser | undefined;
  /** Returns the random ID of the last sign-in; undefined if there was none. */
  account(name: string): string | undefined;
  /** Removes a profile. Returns false if it did not exist. */
  remove(name: string): boolean;
  /** Renames the profile's file and `config.json` if they are invalid. Returns the new paths. */
  moveAsideIfBroken(name: string): readonly string[];
}

/** Opens the profiles in the configuration directory. Nothing is read yet. */
export const openProfiles = (host: LockHost & Pick<Host, "env">): Profiles =>
  createProfiles(findConfigDirectory(host), host);

/** Opens the profiles in a configuration directory. Without one, there are no profiles. */
export function createProfiles(folder: string | undefined, host: LockHost): Profiles {
  const { now, randomBytes } = host;
  const home = () => requireConfigDirectory(folder);
  const config = () => join(home(), "config.json");
  const fileOf = (name: string) => join(home(), "profiles", `${checkProfileName(name)}.json`);
  const readCurrent = (path: string) => textAt(readJsonFile(path) ?? {}, "current", path);
  const readProfile = (name: string, path: string): Profile | undefined => {
    return repairWithProfile(name, () => {
      const object = readJsonFile(path);
      return object && toProfile(name, object, path);
    });
  };
  const change = async (path: string, set: Readonly<Record<string, unknown>>, replaces = false) => {
    const merge = (old: JsonObject) =>
      Object.fromEntries(
        Object.entries({ ...(replaces ? {} : old), ...set }).filter(
          ([, value]) => value !== undefined,
        ),
      );
    await changeJsonFile(path, merge, host);
  };
  const profiles: Profiles = {
    names: () => (folder === undefined ? [] : listProfileNames(join(folder, "profiles"))),
    find: (name) =>
      folder === undefined ? undefined : readProfile(checkProfileName(name), fileOf(name)),
    findValid(name) {
      try {
        return profiles.find(name);
      } catch (error) {
        if (error instanceof BrokenFileError) return undefined;
        throw error;
      }
    },
    get(name, source) {
      const found = profiles.find(name);
      if (!found)
        throw new UsageError(`Profile "${name}"${source ? ` (${source})` : ""} does not exist.`, {
          unknownWord: { word: name, candidates: profiles.names() },
          hint: [
            "To list the profiles: tokctl profile list",
            `To create this one: tokctl login -p ${name}`,
          ],
        });
      return found;
    },
    current: () => (folder === undefined ? undefined : readCurrent(config())),
    setCurrent: (name) => change(config(), { current: name }),
    save: (name, settings) => change(fileOf(name), settings),
    saveSignIn: (name, settings, as, replaces) =>
      change(
        fileOf(name),
        {
          ...settings,
          account: toHex(randomBytes(8)),
          signedInAs: as,
        },
        replaces,
      ),
    requireWritable: async () => checkWritable(home()),
    signedInAs(name) {
      const as = readJsonFile(fileOf(name))?.["signedInAs"] as Partial<SignedInUser> | undefined;
      return typeof as?.name === "string"
        ? { name: as.name, project: as.project ?? null }
        : undefined;
    },
    account: (name) => textAt(readJsonFile(fileOf(name)) ?? {}, "account", fileOf(name)),
    remove(name) {
      const path = fileOf(name);
      try {
        rmSync(path);
        return true;
      } catch (error) {
        if (isMissingFile(error)) return false;
        throw toFileError(error, path, "remove");
      }
    },
    moveAsideIfBroken: (name) => [
      ...moveAsideIfBroken(fileOf(name), now(), (path) => readProfile(name, path)),
      ...moveAsideIfBroken(config(), now(), readCurrent),
    ],
  };
  return profiles;
}

/**
 * Returns the names of the profiles with a file in a directory.
 * @throws UsageError if the directory can't be read.
 */
export function listProfileNames(path: string): readonly string[] {
  try {
    return readdirSync(path)
      .flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? [])
      .filter((name) => pattern.test(name))
      .sort();
  } catch (error) {
    if (isMissingFile(error)) return [];
    throw toFileError(error, path, "read");
  }
}

/** Renames a file if `read` throws BrokenFileError. @returns the new path, or an empty list */
export function moveAsideIfBroken(
  path: string,
  now: Date,
  read: (path: string) => unknown,
): readonly string[] {
  try {
    read(path);
    return [];
  } catch (error) {
    if (!(error instanceof BrokenFileError)) throw error;
    const aside = `${path}.broken-${now.toISOString().replaceAll(/[-:.]/g, "")}`;
    renameSync(path, aside);
    return [aside];
  }
}

const pattern = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Returns the name of a profile if it is a valid file name. @throws UsageError if not. */
export function checkProfileName(name: string): string {
  if (!pattern.test(name))
    throw new UsageError(`"${name}" is not a valid profile name.`, {
      hint: "Use at most 64 letters, digits, -, . and _, and start with a letter or digit.",
    });
  return name;
}

function toProfile(name: string, object: JsonObject, path: string): Profile {
  const provider = textAt(object, "provider", path);
  if (provider === undefined) throw new BrokenFileError(path, '"provider" is missing');
  const settings = profileKeys.flatMap((key) => {
    const value = textAt(object, key, path);
    return value === undefined ? [] : [[key, value]];
  });
  return { name, provider, ...Object.fromEntries(settings) };
}

function textAt(object: JsonObject, key: string, path: string): string | undefined {
  const value = ownValue(object, key);
  if (value !== undefined && (typeof value !== "string" || value === ""))
    throw new BrokenFileError(path, `"${key}" is not a string`);
  return value;
}
