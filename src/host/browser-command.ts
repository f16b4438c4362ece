import { delimiter } from "node:path";

/**
 * Reads the variable `BROWSER`: commands separated by `:` (`;` on Windows), of which the first that
 * starts is used. The URL takes the place of `%s`, or else it is the last argument. No shell sees it.
 */
export const parseBrowserCommands = (
  variable: string,
  url: string,
): readonly (readonly string[])[] =>
  variable
    .split(delimiter)
    .map(splitWords)
    .filter(({ length }) => length > 0)
    .map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.replaceAll("%s", () => url))
        : [...words, url],
    );

/** Words as a shell separates them; a `&` at the end says what is done anyway. */
const splitWords = (text: string): readonly string[] =>
  [
    ...text
      .trim()
      .replace(/&$/, "")
      .matchAll(/"([^"]*)"|'([^']*)'|\S+/g),
  ].map(([word, double, single]) => double ?? single ?? word);
