/** One label: the scope of a token, `name=value` on the wire. */
export interface Selector {
  readonly name: string;
  readonly value: string;
}

/**
 * Splits at the first `=`. Undefined unless both sides are there, without spaces around them, and no
 * comma asks for several.
 */
export function parseSelector(text: string): Selector | undefined {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1 || text.includes(",")) return undefined;
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  return /\s/.test(name) || value !== value.trim() ? undefined : { name, value };
}

export const formatSelector = ({ name, value }: Selector): string => `${name}=${value}`;
