import type { CredentialStore } from "../config/credential-store.ts";
import type { Profiles } from "../config/profiles.ts";
import { attempt } from "../errors.ts";
import type { Host } from "../host.ts";
import { findCaller } from "./account.ts";

/**
 * Returns the same stores, which also delete the cached tokens of a profile's caller when a sign-in
 * ends or another one replaces it.
 */
export function withCacheInvalidation<
  Stores extends { profiles: Profiles; credentials: CredentialStore },
>(host: Host, { profiles, credentials }: Stores) {
  async function invalidate<T>(name: string, change: () => Promise<T>): Promise<T> {
    const find = () => attempt(() => findCaller(name, { profiles, credentials }));
    const before = find();
    const result = await change();
    if (before !== undefined && before !== find()) {
      const { createTokenCache } = await import("./token-cache.ts");
      createTokenCache(host).deleteCaller(before);
    }
    return result;
  }
  return {
    profiles: {
      ...profiles,
      saveSignIn: (name, ...rest) => invalidate(name, () => profiles.saveSignIn(name, ...rest)),
    } satisfies Profiles,
    credentials: {
      ...credentials,
      write: (name, ...rest) => invalidate(name, () => credentials.write(name, ...rest)),
      remove: (name) => invalidate(name, () => credentials.remove(name)),
    } satisfies CredentialStore,
  };
}
