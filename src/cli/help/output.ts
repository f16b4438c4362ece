import { type Format, formats } from "../../output/format.ts";
import type { HelpTopic } from "./page.ts";

const meanings: Readonly<Record<Format, string>> = {
  text: "for people, and for $(…): a new secret stands alone on stdout, lists are tables",
  description: "a block of aligned lines for each thing",
  json: "for programs: every key is always there, null where there is nothing",
  yaml: "the same, as YAML",
};

const shapes = {
  "token get":
    "{id, name, roles, labelSelector, resource, description, owner, region, createdAt, updatedAt, expiresAt, status, version}",
  "token list": "an array of these, [] when empty",
  "token create, renew":
    "the same keys and token, the secret; with --to in its place deliveries: [{to, delivered, error?}]",
  "token delete": "[{id, name, deleted, error?}]",
  "token roles TOKEN": "{id, name, owner, roles: [{name, assignedBy, assignedAt}]}",
  "token roles": "[{name, description, deprecated}]",
  "token reach, create --preview":
    "{total, matching, resources: [{kind, id, name, url, state}]}; total counts all there are",
  "token check":
    "{valid, kind, id, name, owner, roles, project, expiresAt, scope: {labelSelector}, at: {url, status, letsIn, milliseconds}}; scope is null where it is not told, at without --at",
  "app, job, notebook":
    "{kind, id, name, image, state, url, labels, user, createdAt, updatedAt}; of list an array, of delete as above",
  whoami:
    "{provider, url, name, kind, roles, project, owner, pools, defaultPool, tokenName, expiresAt}",
  "profile show": "[{key, value, source}]",
  doctor: "[{name, status, detail, hint, code}]; status is ok, warning, failed or skipped",
  recover:
    "[{action, begunAt, id, name, outcome, token, error}]; outcome is null for what is still open",
  explain: "{code, exitCode, meaning, causes, remedies}",
  "an error": "{error: {code, message, hint, exitCode, requestId}}, on stderr",
};

export const outputPage: HelpTopic = {
  title: "Output",
  sections: [
    {
      paragraphs: [
        "stdout is the result and nothing else; stderr is everything said about it. -o FORMAT, -t FORMAT or TOKCTL_OUTPUT choose the format.",
      ],
      terms: formats.map((term) => ({ term, text: meanings[term] })),
    },
    {
      paragraphs: [
        "-q leaves the essential: the secret of create, renew and recover, the ids of get and list, names of the rest. json and yaml win over it.",
        "Times are RFC 3339 in UTC. At a terminal a table fits its width and tells times from now; ids stay whole. In a pipe nothing is coloured or cut. Control characters that a server sent become visible escapes.",
      ],
    },
    {
      heading: "In json and yaml",
      paragraphs: [],
      terms: Object.entries(shapes).map(([term, text]) => ({ term, text })),
    },
  ],
};
