/** A label selector, `name=value` in API requests, which limits a token to resources with that label. */
export interface Selector {
  readonly name: string;
  readonly value: string;
}

/**
 * Parses `name=value`, split at the first `=`. Undefined if a side is empty or has spaces around it,
 * or the text contains a comma.
 */
export function parseSelector(text: string): Selector | undefined {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1 || text.includes(",")) return undefined;
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  return /\s/.test(name) || value !== value.trim() ? undefined : { name, value };
}

/** Formats a selector as `name=value`. */
export const formatSelector = ({ name, value }: Selector): string => `${name}=${value}`;
