import type { CredentialStore } from "../config/credential-store.ts";
import type { Connection } from "../core/connection.ts";
import type { Credential } from "../core/credential.ts";
import type { ChosenCredential } from "./credential.ts";

/** Whose the credential of this run is, and what becomes of it when it is renewed. */
export interface CredentialInUse {
  /** The profile that it is kept for; undefined if it came from elsewhere. */
  profile(): Promise<string | undefined>;
  /** A stored one is replaced where it is stored; another lasts as long as the session. */
  keeper(): Connection["replaceCredential"];
}

export function createCredentialInUse(
  chosen: () => Promise<ChosenCredential>,
  profileName: () => string | undefined,
  credentials: Pick<CredentialStore, "has" | "replace">,
): CredentialInUse {
  const profile = async () => ((await chosen()).source === "profile" ? profileName() : undefined);
  return {
    profile,
    keeper() {
      let current: Credential | undefined;
      return async (renew) => {
        const name = await profile();
        if (name !== undefined && credentials.has(name)) return credentials.replace(name, renew);
        current = await renew(current ?? (await chosen()).credential);
        return current;
      };
    },
  };
}
