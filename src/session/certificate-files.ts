import { resolve } from "node:path";
import { certificateKeys } from "../config/profiles.ts";
import { findSetting, type Setting, type Sources } from "./settings.ts";

/** Paths to files, wherever the program is started. */
export type Certificates = Readonly<Partial<Record<(typeof certificateKeys)[number], Setting>>>;

/** The files that the certificates of a connection are read from. */
export const findCertificates = (sources: Sources): Certificates =>
  Object.fromEntries(
    certificateKeys.flatMap((key) => {
      const setting = findSetting(key, sources);
      return setting ? [[key, { ...setting, value: resolve(setting.value) }]] : [];
    }),
  );
