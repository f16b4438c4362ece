import type { Provider, Supports } from "../../core/provider.ts";
import { exitCodes } from "../../errors.ts";
import { type Format, formats } from "../../output/view.ts";
import { providers } from "../../providers/index.ts";
import { sinkKinds } from "../../sinks/index.ts";
import { errorCodes, explanations } from "../error-explanations.ts";
import { globalOptions, ProviderOption } from "../options.ts";
import jsonFields from "./json-fields.json" with { type: "json" };
import type { HelpTopic, Section, Term } from "./page.ts";

export const optionsTopic: HelpTopic = {
  title: "Global options",
  sections: [
    {
      paragraphs: [
        "Every command accepts these options, before or after its name. -t and --format-type are aliases of --output.",
      ],
      terms: globalOptions()
        .filter(({ hidden }) => !hidden)
        .map((option) => ({
          term: option.flags,
          text:
            option instanceof ProviderOption
              ? `${option.description} [${supportersOf(option.capability)}]`
              : option.description,
        }))
        .concat([
          { term: "-V, --version", text: "Show the version" },
          { term: "-h, --help", text: "Show help" },
        ]),
    },
  ],
};

/** `ovh-ai, ovh-cloud` */
function supportersOf(capability: keyof Supports): string {
  return providers
    .filter(({ supports }) => supports[capability])
    .map(({ id }) => id)
    .join(", ");
}

export const exitCodesTopic: HelpTopic = {
  title: "Exit codes",
  sections: [
    {
      paragraphs: [
        "Each kind of failure has an exit code and an error code. Errors show the error code in brackets; JSON has it in the field `code`. Run `tokctl explain CODE` for causes and remedies.",
      ],
      terms: [
        { term: "0", text: "Success" },
        ...errorCodes.map((code) => ({
          term: `${String(exitCodes[code]).padEnd(3)} ${code}`,
          text: explanations[code].meaning,
        })),
      ],
    },
    {
      paragraphs: [
        "`tokctl token run` and `tokctl sandbox exec` return the exit code of their command, or 128+N if signal N ended it.",
        "If the reader closes the pipe early (`head`), the exit code is 0.",
      ],
    },
  ],
};

const formatDescriptions: Readonly<Record<Format, string>> = {
  text: "Human-readable (default). A new secret is the only line on stdout",
  description: "A block of aligned fields for each object",
  json: "For programs: all fields are present, null if they have no value",
  yaml: "The same fields as YAML",
};

export const outputTopic: HelpTopic = {
  title: "Output",
  sections: [
    {
      paragraphs: [
        "The result goes to stdout; messages, prompts and errors go to stderr. Select the format with -o FORMAT or TOKCTL_OUTPUT.",
      ],
      terms: formats.map((term) => ({ term, text: formatDescriptions[term] })),
    },
    {
      paragraphs: [
        "With -q, create, renew and recover print only the secret; get and list print only IDs; other commands print only names. -o json and -o yaml take precedence over -q.",
        "In JSON and YAML, a field without a value is null. [(token get)] is an array of the objects of `token get`.",
        "Times are RFC 3339 in UTC. At a terminal, tables fit its width and show relative times; a table that is too wide shows the first 8 characters of each ID, which every command accepts. In a pipe, output has no colors and is not truncated. Control characters from a server are escaped.",
      ],
    },
    {
      heading: "JSON and YAML fields",
      paragraphs: [],
      terms: Object.entries(jsonFields).map(([term, text]) => ({ term, text })),
    },
  ],
};

export const destinationsTopic: HelpTopic = {
  title: "Destinations",
  sections: [
    {
      paragraphs: [
        "token create and token renew print the new secret to stdout. With --to DESTINATION they write it to a destination instead. Repeat --to for several destinations.",
      ],
      terms: sinkKinds.map(({ form, title }) => ({ term: form, text: title })),
    },
    {
      paragraphs: [
        "tokctl checks all destinations before it sends a request. If one of them is not writable, it creates no token. --force lets file:PATH replace an existing file, and k8s-secret take over a key from another field manager.",
        "Secret stores are written through their own command lines, which must be installed and signed in. Files and secret stores record the ID of their token.",
        "If a destination fails later, the others still get the secret, and the exit code is 9. If all of them fail, the secret is shown at a terminal. Without a terminal, a newly created token is deleted; after a failed renew, run token renew again.",
      ],
    },
  ],
};

/** The limits of a token besides its roles. */
const limits: readonly (Term & { readonly capability: keyof Supports })[] = [
  {
    capability: "labels",
    term: "-l NAME=VALUE",
    text: "Limit access to resources with this label (default: all resources of the project)",
  },
  {
    capability: "resourcePatterns",
    term: "--resource PATTERN",
    text: "Limit access to resources with a matching name",
  },
  {
    capability: "tokenRegions",
    term: "--region REGION",
    text: "Region that the token is valid in",
  },
  { capability: "expiry", term: "-e WHEN", text: "Expiry of the token" },
  {
    capability: "softExpiry",
    term: "-e WHEN --soft-expiry",
    text: "Expiry as a part of the name. The API does not enforce it: the secret works until a run of token delete --expired",
  },
];

const describeScopes = ({ id, title, roles, supports }: Provider): Section => ({
  heading: `${title} (${id})`,
  paragraphs: [
    supports.defaultRoles
      ? "Without -r, a token gets all roles of its user."
      : supports.manyRoles
        ? "A token has one or more of these roles."
        : "A token has exactly one of these roles.",
  ],
  terms: [
    ...roles
      .filter(({ replacedBy }) => replacedBy === undefined)
      .map(({ name, description }) => ({ term: `-r ${name}`, text: description })),
    ...limits.filter(({ capability }) => supports[capability]),
  ],
});

export const scopesTopic: HelpTopic = {
  title: "Roles and scopes",
  sections: [
    {
      paragraphs: [
        "The role of a token determines the permitted actions. Its scope determines the resources that it can access. Grant only the access that a program needs, and delete tokens that you no longer use.",
      ],
    },
    ...providers.map(describeScopes),
  ],
};

/** The features of a provider that users choose it for. */
const features: readonly (readonly [capability: keyof Supports, text: string])[] = [
  ["labels", "label selectors"],
  ["resourcePatterns", "resource patterns"],
  ["expiry", "expiry"],
  ["softExpiry", "soft expiry"],
  ["descriptions", "descriptions"],
  ["resources", "apps, jobs and notebooks"],
  ["owners", "tokens of other users"],
  ["projects", "projects"],
  ["namespaces", "namespaces"],
];

export const providersTopic: HelpTopic = {
  title: "Providers",
  sections: [
    {
      paragraphs: [
        "Select a provider with --provider, TOKCTL_PROVIDER or a profile. Options that a provider does not support fail with exit code 2 before a request is sent.",
      ],
    },
    ...providers.map((provider) => ({
      heading: `${provider.title} (${provider.id})`,
      paragraphs: [],
      terms: [
        {
          term: "supports",
          text: features
            .filter(([capability]) => provider.supports[capability])
            .map(([, text]) => text)
            .join(", "),
        },
        {
          term: "sign in with",
          text: provider.logins.map(({ id, title }) => `${title} (--method ${id})`).join("; "),
        },
        ...(Object.keys(provider.regionUrls).length > 0
          ? [{ term: "regions", text: Object.keys(provider.regionUrls).join(", ") }]
          : []),
      ],
    })),
  ],
};
