/**
 * Reads an HTTP date (RFC 9110 §5.6.7), which is always in UTC: in milliseconds since 1970. NaN for
 * anything else: Date.parse takes "0" for a date, and one without a zone for local time.
 */
export function parseHttpDate(text: string): number {
  if (/ GMT$/.test(text)) return Date.parse(text);
  // The form of asctime() in C names no zone.
  return /^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/.test(text)
    ? Date.parse(`${text} GMT`)
    : Number.NaN;
}
