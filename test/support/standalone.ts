import { createFetch } from "../../src/http/transport/undici.ts";
import type { Outcome, RunOptions } from "./outcome.ts";
import { createSurroundings, type Environment, startTokctl } from "./spawn.ts";

/**
 * Runs a line by the standalone program, in surroundings of its own, as `World.run` would here:
 * over real sockets, or else it does nothing.
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
