/**
 * A value, or the error with which a command fails if it needs the value. A command that does not
 * need it is not affected by the error.
 */
export type Resolved<T> = { readonly value: T } | { readonly error: unknown };

/** Calls `find` and keeps what it returns or throws. */
export function capture<T>(find: () => T): Resolved<T> {
  try {
    return { value: find() };
  } catch (error) {
    return { error };
  }
}

/** Returns the value. @throws the error that was kept instead of it. */
export function unwrap<T>(resolved: Resolved<T>): T {
  if ("error" in resolved) throw resolved.error;
  return resolved.value;
}
