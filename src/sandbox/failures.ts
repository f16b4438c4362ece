import { setTimeout } from "node:timers/promises";
import type { MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { SandboxRuntime } from "./api.ts";
import { createRandomNumbers } from "./generate.ts";
import type { FailureRule } from "./settings.ts";

/** The connection of a request closes without a response. The code is the one of a real reset. */
export class ConnectionDroppedError extends Error {
  override name = "ConnectionDroppedError";
  readonly code = "ECONNRESET";

  constructor() {
    super("The sandbox closed the connection.");
  }
}

/**
 * Returns middleware that makes requests fail. The rules apply in order, until one ends the request
 * with a status or a closed connection. Each rule has its own random numbers, so that requests of
 * other rules don't change which of its requests fail.
 * @param seed the same seed and the same sequence of requests result in the same failures.
 */
export function injectFailures(
  { sleep = (milliseconds) => setTimeout(milliseconds) }: Pick<SandboxRuntime, "sleep">,
  rules: readonly FailureRule[],
  seed: number,
): MiddlewareHandler {
  const seeds = createRandomNumbers(seed);
  const generators = rules.map((rule) => ({
    rule,
    random: createRandomNumbers(seeds() * 2 ** 32),
  }));
  return async (c, next) => {
    const { pathname } = new URL(c.req.url);
    for (const { rule, random } of generators) {
      if (!isMatch(rule, c.req.method, pathname) || random() >= rule.rate) continue;
      const { fault } = rule;
      switch (fault.kind) {
        case "delay":
          await sleep(fault.delayMs);
          break;
        case "drop-request":
          throw new ConnectionDroppedError();
        case "drop-response":
          await next();
          throw new ConnectionDroppedError();
        case "status":
          throw new HTTPException(fault.status as ContentfulStatusCode, {
            message: "injected failure",
          });
      }
    }
    return next();
  };
}

function isMatch({ method, path }: FailureRule, requestMethod: string, pathname: string): boolean {
  if (method !== "*" && method !== requestMethod) return false;
  return path.endsWith("*") ? pathname.startsWith(path.slice(0, -1)) : pathname === path;
}
