const mask = "•••";

/** A credential. However it is printed, logged or serialised, it shows as •••; only `reveal` gives it. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
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
