import type { Fetch } from "../host/host.ts";
import { parseHttpDate, type Timestamp } from "./time.ts";

/** Milliseconds that a server's clock is ahead of this machine's: at least and at most. */
export interface ClockOffset {
  readonly min: number;
  readonly max: number;
}

/** When a request was in flight, by this machine's clock. */
export interface RequestInterval {
  readonly sentAt: Timestamp;
  /** When the response was lost, or the process that waited for it was last seen; null while it waits. */
  readonly endedAt: Timestamp | null;
  /** Null for a server that has not told its time. */
  readonly offset: ClockOffset | null;
}

/** Milliseconds by which the clocks of a service's own machines may differ. */
const slack = 5000;

/** Milliseconds for which a request may still be processed after its sender has gone. */
const delay = 30_000;

/** Milliseconds after which nothing can come in at a server that does not tell its time. */
const patience = 15 * 60_000;

/**
 * When something was done, relative to a request: `within` the time in which it was in flight; `near`
 * it, so that the request may have done it all the same; or `before` or `after` that.
 */
export type TimeRelation = "before" | "near" | "within" | "after";

/** What both know of an offset; what the first knows, if they contradict each other: a clock was set. */
export function intersectOffsets(
  first: ClockOffset | null,
  second: ClockOffset | null,
): ClockOffset | null {
  if (!first || !second) return first;
  const both = { min: Math.max(first.min, second.min), max: Math.min(first.max, second.max) };
  return both.min <= both.max ? both : first;
}

/** Relates a server's time to a request. Undefined where it can't be told. */
export function relateToRequest(
  time: Timestamp | null,
  { sentAt, endedAt, offset }: RequestInterval,
): TimeRelation | undefined {
  if (time === null || offset === null || endedAt === null) return undefined;
  const earliest = Date.parse(time);
  // Some services know whole seconds only.
  const latest = time.includes(".") ? earliest : earliest + 999;
  const from = Date.parse(sentAt) + offset.min;
  const until = Date.parse(endedAt) + offset.max;
  if (latest >= from && earliest <= until) return "within";
  if (latest < from - slack) return "before";
  return earliest > until + delay + slack ? "after" : "near";
}

/** A moment by this machine's clock, in milliseconds since 1970, and the server's offset then. */
export interface ClockReading {
  readonly now: number;
  readonly offset: ClockOffset | null;
}

/** Whether a request can't be processed any more. False where the server does not tell its time yet. */
export function isRequestOver({ endedAt, offset }: RequestInterval, moment: ClockReading): boolean {
  if (endedAt === null) return false;
  const ended = Date.parse(endedAt);
  if (!offset || !moment.offset) return moment.now - ended > patience;
  return moment.now + moment.offset.min > ended + offset.max + delay + slack;
}

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
