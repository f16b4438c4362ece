import { createHash } from "node:crypto";
import { formatExpiry } from "../../../core/soft-expiry.ts";
import { toDate } from "../../../core/time.ts";
import { describeToken, type Token } from "../../../core/token.ts";
import { escapeControls } from "../../../output/escape.ts";
import { version } from "../../../version.ts";

/** The exported tokens of one account. */
export interface CalendarSource {
  readonly tokens: readonly Token[];
  /** The title of the provider. */
  readonly title: string;
  /** A text that is the same in every export from one account. */
  readonly account: string;
}

/**
 * Formats the expiries of tokens as a calendar: an all-day event for each token with an expiry.
 * The event of a token has the same UID in every export, so that a later expiry moves it.
 * @see https://www.rfc-editor.org/rfc/rfc5545
 */
export const toCalendar = (sources: readonly CalendarSource[], now: Date): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    `PRODID:-//tokctl//tokctl ${version}//EN`,
    "CALSCALE:GREGORIAN",
    ...sources.flatMap((source) =>
      source.tokens.flatMap((token) => formatEvent(token, source, now)),
    ),
    "END:VCALENDAR",
  ]
    .map((line) => `${foldLine(line)}\r\n`)
    .join("");

function formatEvent(token: Token, { title, account }: CalendarSource, now: Date) {
  const { id, owner, roles, expiresAt } = token;
  if (expiresAt === null) return [];
  const identity = JSON.stringify([account, owner, id]);
  const uid = createHash("sha256").update(identity).digest("hex").slice(0, 32);
  const stamp = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const details = [
    title,
    `Token: ${describeToken(token)}`,
    `Roles: ${roles.join(", ") || "none"}`,
    `Expires at: ${formatExpiry(token)}`,
  ];
  return [
    "BEGIN:VEVENT",
    `UID:${uid}@tokctl`,
    `DTSTAMP:${stamp}`,
    `DTSTART;VALUE=DATE:${toDate(new Date(expiresAt)).replaceAll("-", "")}`,
    `SUMMARY:${escapeText(`Token ${describeToken(token)} expires`)}`,
    `DESCRIPTION:${details.map(escapeText).join("\\n")}`,
    "TRANSP:TRANSPARENT",
    "END:VEVENT",
  ];
}

/** Escapes a TEXT value (RFC 5545, section 3.3.11). */
const escapeText = (text: string): string => escapeControls(text).replace(/[\\;,]/g, "\\$&");

/** The largest number of octets in a line (RFC 5545, section 3.1). */
const maxOctets = 75;

/** Folds a line between characters: each further line starts with a space. */
function foldLine(line: string): string {
  let folded = "";
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > maxOctets) {
      folded += "\r\n ";
      octets = 1;
    }
    folded += character;
    octets += size;
  }
  return folded;
}
