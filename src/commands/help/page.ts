import { Help } from "@commander-js/extra-typings";

/** What a manual says of something that is no command, as data: for help, manual pages and docs. */
export interface Page {
  readonly title: string;
  readonly sections: readonly Section[];
}

export interface Section {
  readonly heading?: string;
  readonly paragraphs: readonly string[];
  readonly terms?: readonly Term[];
}

/** A page that is loaded when it is wanted. */
export interface PageEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<Page>;
}

/** Something that has a name, and what is to be said of it. */
export interface Term {
  readonly term: string;
  readonly text: string;
}

/** How wide help is where nobody says how wide the terminal is. */
export const helpWidth = 80;

/** A page as text, wrapped as help is. */
export function formatPage({ title, sections }: Page, width = helpWidth): string {
  const parts = sections.map(({ heading, paragraphs, terms = [] }) =>
    [
      ...(heading === undefined ? [] : [`${heading}:`]),
      ...paragraphs.map((text) => `${new Help().boxWrap(text, width)}\n`),
      ...(terms.length === 0 ? [] : [formatTerms(terms, width)]),
    ].join("\n"),
  );
  return [title, ...parts.map((part) => part.trimEnd())].join("\n\n").concat("\n");
}

/** The pages there are, as help lists commands. */
export const formatPageList = (
  pages: readonly Pick<PageEntry, "name" | "description">[],
  width = helpWidth,
): string =>
  [
    "",
    "Pages:",
    formatTerms(
      pages.map(({ name, description }) => ({ term: `help ${name}`, text: description })),
      width,
    ),
  ].join("\n");

function formatTerms(terms: readonly Term[], width: number): string {
  const helper = new Help();
  helper.helpWidth = width;
  const widest = Math.max(...terms.map(({ term }) => term.length));
  return terms.map(({ term, text }) => helper.formatItem(term, widest, text, helper)).join("\n");
}
