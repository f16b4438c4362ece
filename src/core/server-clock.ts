import type { Fetch } from "../host.ts";
import { dayMs, parseHttpDate, type Timestamp } from "./time.ts";

/** The range of a server's clock minus this machine's clock, in milliseconds. */
export interface ClockOffset {
  readonly min: number;
  readonly max: number;
}

/** The start and end of a request, by this machine's clock. */
export interface RequestInterval {
  readonly sentAt: Timestamp;
  /** When waiting for the response ended, or the waiting process last ran; null while it waits. */
  readonly endedAt: Timestamp | null;
  /** Null if the server sent no time. */
  readonly offset: ClockOffset | null;
}

/** The largest difference between the clocks of one service's machines, in milliseconds. */
const clockSkewMs = 5000;

/** Milliseconds for which a server may still process a request after the client has stopped waiting. */
const processingMs = 30_000;

/** The same for a server that sent no time. */
const processingWithoutClockMs = 15 * 60_000;

/**
 * A time relative to a request: `within` the time in flight; `near` it, so that the request may still
 * have caused the change; `before` or `after` that.
 */
export type TimeRelation = "before" | "near" | "within" | "after";

/** Returns the common part of two offsets; the first one if they don't overlap, because a clock was set. */
export function intersectOffsets(
  first: ClockOffset | null,
  second: ClockOffset | null,
): ClockOffset | null {
  return first && second ? (intersect(first, second) ?? first) : first;
}

function intersect(one: ClockOffset, other: ClockOffset): ClockOffset | undefined {
  const both = { min: Math.max(one.min, other.min), max: Math.min(one.max, other.max) };
  return both.min <= both.max ? both : undefined;
}

/** Returns the relation of a server's time to a request; undefined if it can't be determined. */
export function relateToRequest(
  time: Timestamp | null,
  { sentAt, endedAt, offset }: RequestInterval,
): TimeRelation | undefined {
  if (time === null || offset === null || endedAt === null) return undefined;
  const earliest = Date.parse(time);
  // Some services send whole seconds only.
  const latest = time.includes(".") ? earliest : earliest + 999;
  const from = Date.parse(sentAt) + offset.min;
  const until = Date.parse(endedAt) + offset.max;
  if (latest >= from && earliest <= until) return "within";
  if (latest < from - clockSkewMs) return "before";
  return earliest > until + processingMs + clockSkewMs ? "after" : "near";
}

/** A time by this machine's clock, in milliseconds since 1970, and the server's offset then. */
export interface ClockReading {
  readonly now: number;
  readonly offset: ClockOffset | null;
}

/** Returns whether the server can no longer process a request. */
export function isRequestOver({ endedAt, offset }: RequestInterval, moment: ClockReading): boolean {
  if (endedAt === null) return false;
  const ended = Date.parse(endedAt);
  if (!offset || !moment.offset) return moment.now - ended > processingWithoutClockMs;
  return moment.now + moment.offset.min > ended + offset.max + processingMs + clockSkewMs;
}

/**
 * The clocks of servers, by the `Date` header of their responses.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1
 */
export interface ServerClocks {
  /** Returns a fetch that reads the `Date` header of each response. */
  watch(fetch: Fetch): Fetch;
  /** Returns how far a server's clock is ahead of this machine's; null if it sent no time yet. */
  offset(server: URL): ClockOffset | null;
}

/** Milliseconds: a server's clock that is off by more is not used. */
const maxOffsetMs = 100 * 365 * dayMs;

/** Creates the clocks of all servers that one run sends requests to. */
export function createServerClocks(now: () => Date): ServerClocks {
  const offsets = new Map<string, ClockOffset>();
  const update = (origin: string, seen: ClockOffset): void => {
    const known = offsets.get(origin) ?? seen;
    // The service has several machines with different clocks, or this machine's clock was set.
    const either = { min: Math.min(known.min, seen.min), max: Math.max(known.max, seen.max) };
    offsets.set(origin, intersect(known, seen) ?? either);
  };
  return {
    watch: (fetch) => async (url, init) => {
      const sent = now().getTime();
      const reply = await fetch(url, init);
      const date = parseHttpDate(reply.headers.get("date") ?? "");
      // The date, in whole seconds, was current at a moment between the request and the response.
      const seen = { min: date - now().getTime(), max: date + 999 - sent };
      if (Math.abs(seen.min) < maxOffsetMs) update(new URL(url).origin, seen);
      return reply;
    },
    offset: ({ origin }) => offsets.get(origin) ?? null,
  };
}
