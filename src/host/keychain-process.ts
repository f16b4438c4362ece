import { text } from "node:stream/consumers";

/** The result of a keychain operation: the secret (null if it does not exist), whether it was deleted, or an error. */
export interface KeychainAnswer {
  readonly value?: string | boolean | null;
  readonly refusal?: string;
}

async function answer(verb: string | undefined, entry: string): Promise<KeychainAnswer> {
  const library = await import("@napi-rs/keyring").catch(() => undefined);
  if (!library)
    return { refusal: "the optional package @napi-rs/keyring is missing, or can't be loaded" };
  try {
    // Without it, the library falls back to the kernel keyring, which is lost at a restart.
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
 * Runs `tokctl __keychain get|set|delete ENTRY`: one keychain operation in a separate process (see
 * keychain.ts). Reads the secret to set from stdin and prints a KeychainAnswer as JSON.
 */
export async function main([, verb, entry = ""]: readonly string[]): Promise<number> {
  // A terminal sends ^C to this process too; its parent decides when it ends.
  process.on("SIGINT", () => {});
  const said = JSON.stringify(await answer(verb, entry));
  return new Promise((resolve) => process.stdout.write(said, () => resolve(0)));
}
