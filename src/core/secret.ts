const mask = "•••";

/** What each run of the program that has not ended keeps. The library keeps nothing. */
const runs = new Set<Set<string>>();

/**
 * Keeps the value of every secret that is made until `end` is called, so that `maskSecrets` can find
 * them in what a server or a command repeats.
 */
export function trackSecrets(): { readonly end: () => void } {
  const values = new Set<string>();
  runs.add(values);
  return { end: () => void runs.delete(values) };
}

/** Masks the secrets that are kept. Values shorter than 8 characters stay: they occur in other words. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const values of runs)
    for (const value of values) if (value.length >= 8) masked = masked.replaceAll(value, mask);
  return masked;
}

/** A credential. However it is printed, logged or serialised, it shows as •••; only `reveal` gives it. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
    for (const values of runs) values.add(value);
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return mask;
  }
  toJSON(): string {
    return mask;
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return mask;
  }
}
