import { text } from "node:stream/consumers";

/** What the keychain said (the secret, null without one; whether one was deleted), or why it did not. */
export interface KeychainAnswer {
  readonly value?: string | boolean | null;
  readonly refusal?: string;
}

async function answer(verb: string | undefined, entry: string): Promise<KeychainAnswer> {
  const library = await import("@napi-rs/keyring").catch(() => undefined);
  if (!library)
    return { refusal: "the optional package @napi-rs/keyring is missing, or can't be loaded" };
  try {
    // Or the kernel's keyring would stand in, which forgets everything at a restart.
    const options = { linux: { store: "secret-service" } } as const;
    const found = new library.Entry("tokctl", entry, options);
    if (verb === "get") return { value: found.getPassword() };
    if (verb === "delete") return { value: found.deletePassword() };
    found.setPassword(await text(process.stdin));
    return {};
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : "no reason given" };
  }
}

/**
 * `tokctl __keychain get|set|delete ENTRY` asks the operating system's keychain one thing, the secret
 * to set in its stdin, and prints an Answer. `keychain.ts` runs it, in a process of its own, and says why.
 */
export async function main([, verb, entry = ""]: readonly string[]): Promise<number> {
  // ^C at a terminal reaches this process too, but whoever runs it decides when it ends.
  process.on("SIGINT", () => {});
  const said = JSON.stringify(await answer(verb, entry));
  return new Promise((resolve) => process.stdout.write(said, () => resolve(0)));
}
