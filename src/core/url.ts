/** Returns whether a text is an http(s) URL without user and password, which may be opened in a browser. */
export function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ["http:", "https:"].includes(protocol) && username === "" && password === "";
}

/**
 * Returns whether a hostname or address, as in a URL or a DNS result, is a loopback one. A name may
 * end in a dot, and an IPv4 address may be mapped to IPv6.
 * @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 * @see https://www.rfc-editor.org/rfc/rfc1122#section-3.2.1.3
 */
export const isLoopback = (hostname: string): boolean =>
  /^(.+\.)?localhost\.?$/.test(hostname) ||
  /^\[?::1\]?$/.test(hostname) ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname) ||
  /^\[?::ffff:(7f[\da-f]{2}:[\da-f]{1,4}|127\.\d+\.\d+\.\d+)\]?$/.test(hostname);

/** Returns the text of a URL without a slash at its end, so that a path can be appended. */
export const withoutTrailingSlash = ({ href }: URL): string => href.replace(/\/$/, "");
