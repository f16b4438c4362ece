/** Names and addresses of this very machine (RFC 6761 §6.3, RFC 1122 §3.2.1.3), as a URL spells them. */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" ||
  hostname.endsWith(".localhost") ||
  /^\[?::1\]?$/.test(hostname) ||
  /^127\.\d+\.\d+\.\d+$/.test(hostname);
