import type { ClockReading, RequestInterval } from "../core/server-clock.ts";
import { toTimestamp } from "../core/time.ts";
import type { Host } from "../host.ts";
import type { TransportFactory } from "./transport-factory.ts";

/** Measures the time of this machine and of the server, and limits the time of the session. */
export interface SessionClock {
  /** Returns the interval of a request that starts now, for its journal entry. */
  startRequest(): RequestInterval;
  /** Returns the current time, and the offset of the server's clock. */
  moment(): ClockReading;
  /**
   * Extends the time budget, if necessary, for work that must not be left incomplete. The extension
   * is the timeout of a request, at most 30 seconds.
   */
  ensureTime(): void;
  /** Waits, unless the pause would exceed the time budget. @returns whether it has waited. */
  pause(milliseconds: number): Promise<boolean>;
}

/** @param baseUrl returns the base URL of the server. */
export function createSessionClock(
  { now, sleep }: Pick<Host, "now" | "sleep">,
  { clocks, budget }: Pick<TransportFactory, "clocks" | "budget">,
  baseUrl: () => URL,
): SessionClock {
  const offset = () => clocks.offset(baseUrl());
  return {
    startRequest: () => ({ sentAt: toTimestamp(now()), endedAt: null, offset: offset() }),
    moment: () => ({ now: now().getTime(), offset: offset() }),
    ensureTime: budget.ensure,
    async pause(milliseconds) {
      if (budget.remaining() <= milliseconds) return false;
      await budget.spend(() => sleep(milliseconds));
      return true;
    },
  };
}
