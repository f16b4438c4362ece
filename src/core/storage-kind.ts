import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";

/** The kinds of credential storage: a file, or the keychain of the operating system. */
export const storageKinds = ["file", "keychain"] as const;
export type StorageKind = (typeof storageKinds)[number];

/**
 * Returns where to store a new credential, by option or TOKCTL_CREDENTIAL_STORE; undefined if neither
 * is set.
 * @throws UsageError for an invalid variable
 */
export function resolveStorageKind(
  option: StorageKind | undefined,
  { TOKCTL_CREDENTIAL_STORE: variable }: Host["env"],
): StorageKind | undefined {
  if (option !== undefined || !variable) return option;
  const store = storageKinds.find((known) => known === variable);
  if (!store)
    throw new UsageError(
      `TOKCTL_CREDENTIAL_STORE is "${variable}", which is not a credential store.`,
      {
        hint: `Set it to ${storageKinds.join(" or ")}.`,
      },
    );
  return store;
}
