import { UsageError } from "../errors.ts";
import { type Expiry, parseExpiry, toDate, toExpiryDate } from "./time.ts";
import type { Token } from "./token.ts";

/** Separates the name of a token from its expiry date. */
const separator = ".expires-";

/**
 * Splits the name of a token with a soft expiry, such as `ci.expires-2026-12-31`, into the base name and
 * the day (`YYYY-MM-DD`) on which it expires at 00:00 UTC.
 * @returns undefined for any other name, also for an invalid date or several dates.
 */
export function parseSoftExpiryName(
  name: string,
): { readonly baseName: string; readonly date: string } | undefined {
  const [baseName, date, ...others] = name.split(separator);
  if (!baseName || date === undefined || others.length > 0) return undefined;
  const expiry = parseExpiry(date);
  return expiry && "date" in expiry ? { baseName, date } : undefined;
}

/** Returns the name without the date of a soft expiry. */
export const toBaseName = (name: string): string => parseSoftExpiryName(name)?.baseName ?? name;

/** Returns the expiry in the name of a token; nothing for a name without one. */
export function toSoftExpiry(name: string): Partial<Pick<Token, "expiresAt" | "expiryEnforcedBy">> {
  const date = parseSoftExpiryName(name)?.date;
  return date === undefined ? {} : { expiresAt: `${date}T00:00:00Z`, expiryEnforcedBy: "client" };
}

/**
 * Adds an expiry to the name of a token, for an API without expiry. A date that the name already has is
 * replaced. A duration or a time is rounded up to the next day.
 * @throws UsageError for an expiry in the past, or a name that can't have a date.
 */
export function toSoftExpiryName(name: string, expiry: Expiry, now: Date): string {
  const date = toExpiryDate(expiry, now);
  if (date <= toDate(now))
    throw new UsageError(`The expiry ${date} is not in the future.`, {
      hint: "Choose a later date, or a duration such as 30d.",
    });
  const withDate = `${toBaseName(name)}${separator}${date}`;
  if (parseSoftExpiryName(withDate)?.date !== date)
    throw new UsageError(`The name "${name}" cannot have a soft expiry.`, {
      hint: `Choose a name without "${separator}".`,
    });
  return withDate;
}

/** The attributes of a token that determine its names. */
type Named = Pick<Token, "name"> & Partial<Pick<Token, "expiryEnforcedBy">>;

/** Returns the name of a token without the date of a soft expiry. */
export const baseNameOf = ({ name, expiryEnforcedBy }: Named): string | null =>
  name !== null && expiryEnforcedBy === "client" ? toBaseName(name) : name;

/** Returns the names by which commands find a token: its name, and the base name if it differs. */
export function namesOf(token: Named): readonly string[] {
  const baseName = baseNameOf(token);
  if (token.name === null || baseName === null) return [];
  return baseName === token.name ? [token.name] : [token.name, baseName];
}

/** Formats the expiry of a token: a time in RFC 3339, or `2026-12-31 (soft)`; null without one. */
export const formatExpiry = ({
  expiresAt,
  expiryEnforcedBy,
}: Pick<Token, "expiresAt" | "expiryEnforcedBy">): string | null =>
  expiresAt !== null && expiryEnforcedBy === "client"
    ? `${expiresAt.slice(0, "2026-12-31".length)} (soft)`
    : expiresAt;
