import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import type { Keychain } from "./host.ts";
import type { KeychainAnswer } from "./keychain-process.ts";
import { selfCommand } from "./process.ts";

/**
 * Returns the keychain of the operating system. Each operation runs in a child process
 * (keychain-process.ts), because a hanging keychain call blocks even `process.exit`: only SIGKILL
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
