import { Help } from "@commander-js/extra-typings";
import type { Example } from "../command.ts";

/** A help page about a subject rather than a command, as data for help, man pages and docs. */
export interface HelpTopic {
  readonly title: string;
  readonly sections: readonly Section[];
}

export interface Section {
  readonly heading?: string;
  readonly paragraphs: readonly string[];
  readonly terms?: readonly Term[];
}

/** A topic of `tokctl help TOPIC`; its content is loaded on demand. */
export interface HelpTopicEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<HelpTopic>;
}

/** A name and its description. */
export interface Term {
  readonly term: string;
  readonly text: string;
}

/** Columns of help where the width of the terminal is unknown. */
export const helpWidth = 80;

/** The minimum number of columns for a description next to its term. */
const narrow = 30;

/** Formats a term and its text. A text that would be too narrow is placed below its term. */
function formatItem(helper: Help, { term, text }: Term, termWidth: number): string {
  const width = helper.helpWidth ?? helpWidth;
  // `[env: NAME]` stays on one line.
  const joined = text.replaceAll("[env: ", "[env:\ue000");
  const isAligned = text === "" || (width - termWidth - 4 >= narrow && term.length <= termWidth);
  const item = isAligned
    ? helper.formatItem(term, termWidth, joined, helper)
    : [
        `  ${term}`,
        ...helper
          .boxWrap(joined, width - 6)
          .split("\n")
          .map((line) => `      ${line}`),
      ].join("\n");
  return item.replaceAll("\ue000", " ");
}

const createHelp = (width: number): Help =>
  Object.assign(new Help(), { minWidthToWrap: 20, helpWidth: width });

/** Formats a topic as text of at most `width` columns. */
export function formatTopic({ title, sections }: HelpTopic, width = helpWidth): string {
  const parts = sections.map(({ heading, paragraphs, terms = [] }) =>
    [
      ...(heading === undefined ? [] : [`${heading}:`]),
      ...paragraphs.map((text) => `${createHelp(width).boxWrap(text, width)}\n`),
      ...(terms.length === 0 ? [] : [formatTerms(terms, width)]),
    ].join("\n"),
  );
  return [title, ...parts.map((part) => part.trimEnd())].join("\n\n").concat("\n");
}

/** The longest term that has its text on the same line. */
const maxTermWidth = 26;

/**
 * Formats terms and their texts in two columns.
 * @param widest the length of the longest term of the page, so that all of its lists are aligned.
 */
export function formatTerms(terms: readonly Term[], width: number, widest?: number): string {
  const helper = createHelp(width);
  const longest = widest ?? Math.max(...terms.map(({ term }) => term.length));
  const column = Math.min(longest, maxTermWidth);
  return terms.map((each) => formatItem(helper, each, column)).join("\n");
}

/** Matches the headings of a page: a whole line, or the label at its start. */
const headings = /^(?:[A-Z][\w ]*(?: \([^)\n]*\))?:$|(?:Usage|Aliases|Help topics|See also):)/gm;

/** Styles the headings of help pages. */
export const paintHeadings = (text: string, paint: (heading: string) => string): string =>
  text.replace(headings, (heading) => paint(heading));

/** The title of an example, with its provider. */
export const titleOf = ({ title, provider }: Example): string =>
  provider === undefined ? title : `${title} (${provider})`;
