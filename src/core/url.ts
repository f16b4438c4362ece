/** Whether a text is a URL that may be opened in a browser: http or https, without a user or password. */
export function isWebUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return ["http:", "https:"].includes(protocol) && username === "" && password === "";
}

/**
 * Names and addresses of this very machine (RFC 6761 §6.3, RFC 1122 §3.2.1.3), as a URL or a lookup
 * spells them: a name may end in a dot, and an IPv4 address may be written as an IPv6 one.
 */
export const isLoopback = (hostname: string): boolean =>
  /^(.+\.)?localhost\.?$/.test(hostname) ||
  /^\[?::1\]?$/.test(hostname) ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname) ||
  /^\[?::ffff:(7f[\da-f]{2}:[\da-f]{1,4}|127\.\d+\.\d+\.\d+)\]?$/.test(hostname);

/** Returns the text of a URL without a slash at its end, so that a path can be appended. */
export const withoutTrailingSlash = ({ href }: URL): string => href.replace(/\/$/, "");
