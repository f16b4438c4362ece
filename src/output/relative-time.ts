const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const units = [
  ["year", 365 * day],
  ["month", 30 * day],
  ["day", day],
  ["hour", hour],
  ["minute", minute],
] as const;

const format = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });

/**
 * Formats a time in RFC 3339 relative to now: `in 3d`, `2h ago`, `now`. Rounds toward now, to the
 * largest unit with a value of at least 2.
 */
export function toRelativeTime(time: string, now: Date): string {
  const seconds = (Date.parse(time) - now.getTime()) / 1000;
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= 2 * length) ?? [
    "second",
    1,
  ];
  return format.format(Math.trunc(seconds / length), unit);
}
