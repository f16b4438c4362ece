import { Help } from "@commander-js/extra-typings";
import type { Example } from "../command.ts";

/** What a manual says of something that is no command, as data: for help, manual pages and docs. */
export interface HelpTopic {
  readonly title: string;
  readonly sections: readonly Section[];
}

export interface Section {
  readonly heading?: string;
  readonly paragraphs: readonly string[];
  readonly terms?: readonly Term[];
}

/** A page that is loaded when it is wanted. */
export interface HelpTopicEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<HelpTopic>;
}

/** Something that has a name, and what is to be said of it. */
export interface Term {
  readonly term: string;
  readonly text: string;
}

/** How wide help is where nobody says how wide the terminal is. */
export const helpWidth = 80;

/** Text in fewer columns is hard to read. */
const narrow = 30;

/** How commander lays out help: a text that would get too narrow beside its term stands below it. */
export const helpLayout = {
  minWidthToWrap: 20,
  formatItem(term: string, termWidth: number, text: string, helper: Help): string {
    const width = helper.helpWidth ?? helpWidth;
    if (text === "" || width - termWidth - 4 >= narrow)
      return Help.prototype.formatItem.call(helper, term, termWidth, text, helper);
    const below = helper.boxWrap(text, width - 6).split("\n");
    return [`  ${term}`, ...below.map((line) => `      ${line}`)].join("\n");
  },
};

const createHelp = (width: number): Help =>
  Object.assign(new Help(), helpLayout, { helpWidth: width });

/** A page as text, wrapped as help is. */
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

/** The pages there are, as help lists commands. */
export const formatTopicList = (
  pages: readonly Pick<HelpTopicEntry, "name" | "description">[],
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

/** Terms with what is said of them, as help lists options. */
export function formatTerms(terms: readonly Term[], width: number): string {
  const helper = createHelp(width);
  const widest = Math.max(...terms.map(({ term }) => term.length));
  return terms.map(({ term, text }) => helper.formatItem(term, widest, text, helper)).join("\n");
}

/** How the examples stand below a command's help. */
export const formatExamples = (examples: readonly Example[]): string =>
  ["", "Examples:", ...examples.flatMap((each) => [`  # ${titleOf(each)}`, `  ${each.line}`])].join(
    "\n",
  );

/** What an example does, and for which provider. */
export const titleOf = ({ does, provider }: Example): string =>
  provider === undefined ? does : `${does} (${provider})`;
