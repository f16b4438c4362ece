import { createFetch } from "../../src/http/transport/undici.ts";
import type { Outcome, RunOptions } from "./outcome.ts";
import { createSurroundings, type Environment, startTokctl } from "./spawn.ts";

/**
 * Runs a command line with the standalone program in an isolated environment, like `World.run`.
 * Works only over real sockets.
 */
export async function runStandalone(
  args: readonly string[],
  environment: Environment,
  options: RunOptions,
): Promise<Outcome | undefined> {
  if (options.createFetch !== createFetch) return undefined;
  const { env, stdin, interrupt } = options;
  const surroundings = await createSurroundings();
  try {
    const running = startTokctl(args, {
      env: { ...surroundings.env, ...environment, ...env },
      stdin: typeof stdin === "string" ? stdin : "",
    });
    interrupt?.addEventListener("abort", () => void running.kill(interrupt.reason));
    const { code, stdout, stderr } = await running.ended;
    return { code: code ?? -1, stdout, stderr };
  } finally {
    await surroundings.remove();
  }
}
