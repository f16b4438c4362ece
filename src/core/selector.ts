/** One label: the scope of a token, `name=value` on the wire. */
export interface Selector {
  readonly name: string;
  readonly value: string;
}

/** Splits at the first `=`. Undefined unless both sides are there and no comma asks for several. */
export function parseSelector(text: string): Selector | undefined {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1 || text.includes(",")) return undefined;
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

export const formatSelector = ({ name, value }: Selector): string => `${name}=${value}`;
