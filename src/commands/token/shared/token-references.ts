import { UsageError } from "../../../errors.ts";

/** A token in a list of references. */
export interface TokenReference {
  /** An ID or a name. */
  readonly text: string;
  /** The owner of the token in a JSON list; undefined if the list has none. */
  readonly owner: string | undefined;
  /** The profile of the token in a JSON list; undefined if the list has none. */
  readonly profile?: string | undefined;
}

/**
 * Parses references to tokens: one ID or name a line, or the JSON of one or several tokens, such as
 * `token list -o json` prints. Empty lines and repetitions are omitted.
 * @throws UsageError for text that starts like JSON, but is no JSON of tokens.
 */
export function parseTokenReferences(text: string): readonly TokenReference[] {
  const references = /^\s*[[{]/.test(text) ? parseJson(text) : parseLines(text);
  return [
    ...new Map(
      references.map((each) => [JSON.stringify([each.profile, each.text]), each]),
    ).values(),
  ];
}

const parseLines = (text: string): readonly TokenReference[] =>
  text
    .split("\n")
    .map((line) => ({ text: line.trim(), owner: undefined }))
    .filter((reference) => reference.text !== "");

function parseJson(text: string): readonly TokenReference[] {
  const hint = "Pipe the output of: tokctl token list -o json";
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new UsageError("The list of tokens on stdin is not valid JSON.", { hint, cause });
  }
  return [data].flat().map((item) => {
    if (!hasId(item))
      throw new UsageError('The list of tokens on stdin has an item without an "id".', { hint });
    const { id, owner, profile } = item;
    return { text: id, owner: toText(owner), profile: toText(profile) };
  });
}

const toText = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const hasId = (
  item: unknown,
): item is { readonly id: string; readonly owner?: unknown; readonly profile?: unknown } =>
  typeof item === "object" &&
  item !== null &&
  "id" in item &&
  typeof item.id === "string" &&
  item.id !== "";
