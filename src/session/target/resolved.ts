/**
 * A value, or the error of reading it. The error does not affect commands that don't need the
 * value.
 */
export type Resolved<T> = { readonly value: T } | { readonly error: unknown };

/** Calls a function and returns its result or its error. */
export function capture<T>(find: () => T): Resolved<T> {
  try {
    return { value: find() };
  } catch (error) {
    return { error };
  }
}

/** Returns the value. @throws the error, if there is no value. */
export function unwrap<T>(resolved: Resolved<T>): T {
  if ("error" in resolved) throw resolved.error;
  return resolved.value;
}
