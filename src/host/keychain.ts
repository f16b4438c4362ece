import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Keychain } from "./host.ts";
import type { KeychainAnswer } from "./keychain-process.ts";
import { selfCommand } from "./process.ts";

/**
 * The operating system's keychain, asked by a process for each question (keychain-process.ts): a
 * call that hangs holds its whole process, so that not even `process.exit` ends it, and nothing but
 * a kill. Secrets pass through its stdin and stdout.
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
    // One that ends without reading its stdin says why.
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

/** Its text may hold a secret: no error may quote it. */
function parse(said: string): KeychainAnswer {
  try {
    return JSON.parse(said);
  } catch {
    return { refusal: "it broke off" };
  }
}
