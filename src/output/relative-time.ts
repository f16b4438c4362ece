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
 * What a time in RFC 3339 is from now: `in 3d`, `2h ago`, `now`: rounded
 * towards now, in the largest unit that there are two of, so that never more than a third is lost.
 */
export function toRelativeTime(time: string, now: Date): string {
  const seconds = (Date.parse(time) - now.getTime()) / 1000;
  const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= 2 * length) ?? [
    "second",
    1,
  ];
  return format.format(Math.trunc(seconds / length), unit);
}
