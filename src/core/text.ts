/** Returns the text without a byte order mark, which some editors write. */
export const withoutBom = (text: string): string => text.replace(/^\ufeff/, "");

/** Returns whether bytes decoded as UTF-8 are not UTF-8 text: UTF-16 and binary files contain NUL. */
export const isNotUtf8 = (text: string): boolean => text.includes("\0");

/** Matches the text that a credential can be: visible ASCII characters without spaces. */
export const visibleAscii = /^[\x21-\x7e]+$/;

/** The source of a regular expression for a UUID in lower case (RFC 9562 §4). */
export const uuidSource = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** Returns bytes as lower-case hexadecimal digits. */
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Returns the text with its first letter in upper case. */
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Returns the record's own value of a key, which may be user input such as `constructor`. */
export const ownValue = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Returns a text that ends with a period, so that another sentence can follow. */
export const toSentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
