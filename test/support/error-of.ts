import { stripVTControlCharacters } from "node:util";

export interface PrintedError {
  readonly code: string;
  readonly message: string;
  /** Undefined if the error has no hint. */
  readonly hint?: string;
}

/**
 * Returns the error that a run printed on stderr, as text or as JSON. The hint is without its
 * prefix and indentation.
 * @throws If stderr contains no error.
 */
export function errorOf({ stderr }: { readonly stderr: string }): PrintedError {
  const text = stripVTControlCharacters(stderr);
  const json = /^\{"error":.*$/m.exec(text)?.[0];
  if (json !== undefined) {
    const { code, message, hint } = JSON.parse(json).error;
    return { code, message, ...(hint ? { hint } : {}) };
  }
  const [, code, message, rest = ""] = /^error\[(\w+)\]: (.*)(?:\n([\s\S]*))?/m.exec(text) ?? [];
  if (code === undefined || message === undefined) throw new Error(`no error on stderr: ${stderr}`);
  const hint = rest.replace(/^(?:hint: | {6})/gm, "").trim();
  return { code, message, ...(hint ? { hint } : {}) };
}
