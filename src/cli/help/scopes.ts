import type { Provider, Supports } from "../../core/provider.ts";
import { providers } from "../../session/session.ts";
import type { HelpTopic, Section, Term } from "./page.ts";

/** What a token can be limited by besides its roles. */
const limits: readonly (Term & { readonly capability: keyof Supports })[] = [
  {
    capability: "labels",
    term: "-l NAME=VALUE",
    text: "limits it to what bears this label; without, it reaches all of the project",
  },
  {
    capability: "resourcePatterns",
    term: "--resource PATTERN",
    text: "limits it to what has a name like this",
  },
  { capability: "tokenRegions", term: "--region REGION", text: "where it is good" },
  { capability: "expiry", term: "-e WHEN", text: "when it ends" },
];

const sectionOf = ({ id, title, roles, supports }: Provider): Section => ({
  heading: `${title} (${id})`,
  paragraphs: [
    supports.defaultRoles
      ? "Without -r a token gets every role that its user has."
      : supports.manyRoles
        ? "A token needs one of these roles, or several."
        : "A token has exactly one of these roles.",
  ],
  terms: [
    ...roles
      .filter(({ replacedBy }) => replacedBy === undefined)
      .map(({ name, description }) => ({ term: `-r ${name}`, text: description })),
    ...limits.filter(({ capability }) => supports[capability]),
  ],
});

export const scopesPage: HelpTopic = {
  title: "Scopes",
  sections: [
    {
      paragraphs: [
        "What a token may do is its role; to what, is its scope. Give a token no more than what it is for, and revoke it with tokctl token delete when that is over.",
      ],
    },
    ...providers.map(sectionOf),
  ],
};
