import type { Fetch } from "../host.ts";
import type { Window } from "./attempt.ts";
import { parseHttpDate } from "./http-date.ts";
import { toTimestamp } from "./time.ts";

/** What time it is for servers, by the `Date` of their replies (RFC 9110 §6.6.1). */
export interface ServerClocks {
  /** A fetch whose replies are looked at. */
  watch(fetch: Fetch): Fetch;
  /**
   * Between what times of a server a request is taken that is sent now and may last so many
   * milliseconds; null for a server that has not told its time.
   */
  window(server: URL, milliseconds: number): Window | null;
}

/** In milliseconds: the times of tokens and of replies may come from machines that differ a little. */
const slack = 5000;
/** How much longer than its sender waits a request may be on its way. */
const delay = 30_000;

/** A clock that is further off tells no time. */
const century = 100 * 365 * 86_400_000;

export function createServerClocks(now: () => Date): ServerClocks {
  const ahead = new Map<string, number>();
  const later = (milliseconds: number) => toTimestamp(new Date(now().getTime() + milliseconds));
  return {
    watch: (fetch) => async (url, init) => {
      const reply = await fetch(url, init);
      const offset = parseHttpDate(reply.headers.get("date") ?? "") - now().getTime();
      if (Math.abs(offset) < century) ahead.set(new URL(url).origin, offset);
      return reply;
    },
    window({ origin }, milliseconds) {
      const offset = ahead.get(origin);
      return offset === undefined
        ? null
        : { from: later(offset - slack), until: later(offset + milliseconds + delay) };
    },
  };
}
