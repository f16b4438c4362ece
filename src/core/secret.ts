const mask = "•••";

/** Every credential of this run, so that none is said even if a server repeats it. */
const known = new Set<string>();

/** Text for stderr, where no credential belongs. What is too short to be one is left. */
export function maskSecrets(text: string): string {
  let masked = text;
  for (const value of known) if (value.length >= 8) masked = masked.replaceAll(value, mask);
  return masked;
}

/** A credential. However it is printed, logged or serialised, it shows as •••; only `reveal` gives it. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
    known.add(value);
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
