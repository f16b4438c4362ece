const mask = "•••";

/** The secrets of each run of the program that has not ended. The library tracks none. */
const runs = new Set<Set<string>>();

/**
 * Records every secret that is created until `end` is called, so that `maskSecrets` can mask it in the
 * output of servers and commands.
 */
export function trackSecrets(): { readonly end: () => void } {
  const values = new Set<string>();
  runs.add(values);
  return { end: () => void runs.delete(values) };
}

/** Masks the recorded secrets, except those shorter than 8 characters, which occur in other words. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const values of runs)
    for (const value of values) if (value.length >= 8) masked = masked.replaceAll(value, mask);
  return masked;
}

/** A secret text. Printed, logged or serialized it shows as •••; only `reveal` returns the text. */
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
