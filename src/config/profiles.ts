import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ownValue, toHex } from "../core/text.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { checkWritable, findConfigDirectory, requireConfigDirectory } from "./directories.ts";
import { BrokenFileError, isMissingFile, toFileError } from "./file-errors.ts";
import { type JsonObject, readJsonFile } from "./json-file.ts";
import type { LockHost } from "./lock.ts";

/** What the certificates of a connection are read from. */
export const certificateKeys = ["caFile", "certFile", "keyFile"] as const;

/** What a profile can say. Its file may hold more, which is kept as it is. */
export const profileKeys = [
  "provider",
  "url",
  "endpoint",
  "region",
  "project",
  "namespace",
  "userHeader",
  "clientId",
  "oauthUrl",
  "allowHttp",
  ...certificateKeys,
] as const;
export type ProfileKey = (typeof profileKeys)[number];

export type ProfileSettings = Readonly<Partial<Record<ProfileKey, string>>>;

/** A place to connect to, under a name. */
export interface Profile extends ProfileSettings {
  readonly name: string;
  readonly provider: string;
}

/** Who signed in, as the provider tells it. */
export interface SignedInUser {
  readonly name: string;
  readonly project: string | null;
}

/**
 * The profiles on this machine: a file each, so that writers never rewrite each other's data, and
 * `config.json`, which says which of them is current.
 */
export interface Profiles {
  /** Those that have a file, broken ones too. */
  names(): readonly string[];
  /** Undefined if there is none of that name. @throws BrokenFileError */
  find(name: string): Profile | undefined;
  /** The same, but undefined too if its file is broken: for what will replace it. */
  findValid(name: string): Profile | undefined;
  /** @throws UsageError if there is none of that name; BrokenFileError. */
  get(name: string): Profile;
  /** The name of the current one. @throws BrokenFileError */
  current(): string | undefined;
  /** Makes it the current one; undefined leaves none. */
  setCurrent(name: string | undefined): Promise<void>;
  /** Writes these settings, makes the profile if there is none; undefined drops one, others stay. */
  save(
    name: string,
    settings: Readonly<Partial<Record<ProfileKey, string | undefined>>>,
  ): Promise<void>;
  /**
   * The same after a sign-in, from which on the account is another one; `as` is who signed in. A
   * sign-in that replaces the profile keeps nothing of it.
   */
  saveSignIn(
    name: string,
    settings: Parameters<Profiles["save"]>[1],
    as: SignedInUser | undefined,
    replaces: boolean,
  ): Promise<void>;
  /** Checks that a profile can be kept, before anybody signs in. @throws UsageError if none can. */
  requireWritable(): Promise<void>;
  /** Who signed in last; undefined where that is not known. */
  signedInAs(name: string): SignedInUser | undefined;
  /** Tells this sign-in from earlier ones under the same name; undefined if there was none. */
  account(name: string): string | undefined;
  /** False if there was none. */
  remove(name: string): boolean;
  /** Moves what is broken of this profile and of `config.json` out of the way; returns the new names. */
  moveAsideIfBroken(name: string): readonly string[];
}

/** Opens the profiles in the configuration directory. Nothing is read yet. */
export const openProfiles = (host: LockHost & Pick<Host, "env">): Profiles =>
  createProfiles(findConfigDirectory(host), host);

export function createProfiles(folder: string | undefined, host: LockHost): Profiles {
  const { now, randomBytes } = host;
  const home = () => requireConfigDirectory(folder);
  const config = () => join(home(), "config.json");
  const fileOf = (name: string) => join(home(), "profiles", `${checkProfileName(name)}.json`);
  const readCurrent = (path: string) => textAt(readJsonFile(path) ?? {}, "current", path);
  const readProfile = (name: string, path: string): Profile | undefined => {
    const object = readJsonFile(path);
    return object && toProfile(name, object, path);
  };
  const change = async (path: string, set: Readonly<Record<string, unknown>>, replaces = false) => {
    const { changeJsonFile } = await import("./change-json-file.ts");
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
    get(name) {
      const found = profiles.find(name);
      if (!found)
        throw new UsageError(`There is no profile "${name}".`, {
          unknownWord: { word: name, candidates: profiles.names() },
          hint: `tokctl profile list shows those there are; tokctl login -p ${name} makes it.`,
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
        throw toFileError(error, path, "removed");
      }
    },
    moveAsideIfBroken: (name) => [
      ...moveAsideIfBroken(fileOf(name), now(), (path) => readProfile(name, path)),
      ...moveAsideIfBroken(config(), now(), readCurrent),
    ],
  };
  return profiles;
}

/** The profiles that have a file in a folder, whatever is in it. @throws UsageError if it can't be read. */
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

/** Renames a file that reading finds broken; returns its new name, if there is one. */
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

/** A name becomes a file's: nothing in it may lead elsewhere. @throws UsageError */
export function checkProfileName(name: string): string {
  if (!pattern.test(name))
    throw new UsageError(`"${name}" can't be a profile's name.`, {
      hint: "It has up to 64 letters, digits, - . and _, and begins with a letter or digit.",
    });
  return name;
}

function toProfile(name: string, object: JsonObject, path: string): Profile {
  const provider = textAt(object, "provider", path);
  if (provider === undefined) throw new BrokenFileError(path, "it names no provider");
  const settings = profileKeys.flatMap((key) => {
    const value = textAt(object, key, path);
    return value === undefined ? [] : [[key, value]];
  });
  return { name, provider, ...Object.fromEntries(settings) };
}

function textAt(object: JsonObject, key: string, path: string): string | undefined {
  const value = ownValue(object, key);
  if (value !== undefined && (typeof value !== "string" || value === ""))
    throw new BrokenFileError(path, `its "${key}" is no text`);
  return value;
}
