import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Keychain } from "../host.ts";
import { selfCommand } from "./process.ts";

/**
 * Returns the keychain of the operating system. Each operation runs in a child process
 * (`main` below), because a hanging keychain call blocks even `process.exit`: only SIGKILL
 * ends it. Secrets pass through stdin and stdout of the child.
 */
export function createKeychain(process: NodeJS.Process): Keychain {
  const [command, ...words] = selfCommand(process);
  async function ask(
    verb: "get" | "set" | "delete",
    entry: string,
    signal: AbortSignal,
    secret = "",
  ): Promise<KeychainAnswer["value"]> {
    const child = spawn(command, [...words, "__keychain", verb, entry], {
      env: process.env,
      signal,
      killSignal: "SIGKILL",
      stdio: ["pipe", "pipe", "ignore"],
      windowsHide: true,
    });
    // A child that exits without reading stdin reports the cause in its answer.
    child.stdin.on("error", () => {});
    child.stdin.end(secret);
    const [said] = await Promise.all([text(child.stdout), once(child, "close")]);
    const { value, refusal } = parse(said);
    if (refusal !== undefined) throw new Error(refusal);
    return value;
  }
  return {
    async get(entry, signal) {
      const value = await ask("get", entry, signal);
      return typeof value === "string" ? value : undefined;
    },
    async set(entry, secret, signal) {
      await ask("set", entry, signal, secret);
    },
    delete: async (entry, signal) => (await ask("delete", entry, signal)) === true,
  };
}

/** Parses the answer. It can contain a secret, so no error quotes it. */
function parse(said: string): KeychainAnswer {
  try {
    return JSON.parse(said);
  } catch {
    return { refusal: "the response was incomplete" };
  }
}

/** The result of a keychain operation: the secret (null if it does not exist), whether it was deleted, or an error. */
interface KeychainAnswer {
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
 * Runs `tokctl __keychain get|set|delete ENTRY`: one keychain operation in a separate process.
 * Reads the secret to set from stdin and prints a KeychainAnswer as JSON.
 */
export async function main([, verb, entry = ""]: readonly string[]): Promise<number> {
  // A terminal sends ^C to this process too; its parent decides when it ends.
  process.on("SIGINT", () => {});
  const said = JSON.stringify(await answer(verb, entry));
  return new Promise((resolve) => process.stdout.write(said, () => resolve(0)));
}
