import type { Fetch } from "../host/host.ts";
import { parseHttpDate } from "./http-date.ts";
import type { ClockOffset } from "./sending.ts";

/** What time it is for servers, by the `Date` of their replies (RFC 9110 §6.6.1). */
export interface ServerClocks {
  /** A fetch whose replies are looked at. */
  watch(fetch: Fetch): Fetch;
  /** How far a server's clock is ahead of this machine's; null for one that has not told its time. */
  offset(server: URL): ClockOffset | null;
}

/** Milliseconds of a century: a clock that is further off tells no time. */
const century = 100 * 365 * 86_400_000;

export function createServerClocks(now: () => Date): ServerClocks {
  const offsets = new Map<string, ClockOffset>();
  const learn = (origin: string, seen: ClockOffset): void => {
    const known = offsets.get(origin) ?? seen;
    const both = { min: Math.max(known.min, seen.min), max: Math.min(known.max, seen.max) };
    // Several machines may answer, whose clocks differ, or this machine's clock was set meanwhile.
    const either = { min: Math.min(known.min, seen.min), max: Math.max(known.max, seen.max) };
    offsets.set(origin, both.min <= both.max ? both : either);
  };
  return {
    watch: (fetch) => async (url, init) => {
      const sent = now().getTime();
      const reply = await fetch(url, init);
      const date = parseHttpDate(reply.headers.get("date") ?? "");
      // A date in whole seconds was true at some moment between the request and its reply.
      const seen = { min: date - now().getTime(), max: date + 999 - sent };
      if (Math.abs(seen.min) < century) learn(new URL(url).origin, seen);
      return reply;
    },
    offset: ({ origin }) => offsets.get(origin) ?? null,
  };
}
