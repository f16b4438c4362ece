import type { Provider } from "../../core/provider.ts";
import type { Supports } from "../../core/supports.ts";
import { exitCodes } from "../../errors.ts";
import { type Format, formats } from "../../output/format.ts";
import { providers, sinkKinds } from "../../session/session.ts";
import { errorCodes, explanations } from "../error-explanations.ts";
import { globalOptions, ProviderOption } from "../options.ts";
import type { HelpTopic, Section, Term } from "./page.ts";

/** Every environment variable that tokctl reads, by subject. */
export const variables = {
  Target: {
    TOKCTL_PROFILE: "Profile to use, same as --profile",
    TOKCTL_PROVIDER: "Provider, same as --provider",
    TOKCTL_URL: "Base URL of the API, same as --url",
    TOKCTL_REGION: "OVHcloud region, same as --region",
    TOKCTL_PROJECT: "Project ID, same as --project",
    TOKCTL_NAMESPACE: "Namespace ID, same as --namespace",
    TOKCTL_APP_TOKEN:
      "Credential. It is sent only to the target of TOKCTL_URL or TOKCTL_REGION or, without those, of the profile",
    TOKCTL_USER_HEADER: "User name for a development service, same as --user-header",
    TOKCTL_OAUTH_URL: "URL of the authorization server for tokctl login, same as --oauth-url",
    TOKCTL_CLIENT_ID: "OAuth client ID for tokctl login, same as --client-id",
  },
  Network: {
    HTTPS_PROXY: "Proxy URL. The lowercase form https_proxy takes precedence",
    HTTP_PROXY: "Proxy URL if HTTPS_PROXY is not set; also http_proxy",
    ALL_PROXY: "Proxy URL if neither is set; also all_proxy. SOCKS is not supported",
    NO_PROXY:
      "Hosts, addresses and ranges (10.0.0.0/8) to connect to without a proxy; also no_proxy",
    TOKCTL_ALLOW_HTTP: "Set to 1 to allow unencrypted HTTP, same as --allow-http",
    TOKCTL_CA_FILE: "Additional CA certificates in PEM format, same as --ca-file",
    TOKCTL_CERT_FILE: "Client certificate in PEM format, same as --cert-file",
    TOKCTL_KEY_FILE: "Private key of the client certificate, same as --key-file",
    TOKCTL_RETRIES: "Number of retries, same as --retries",
    NODE_EXTRA_CA_CERTS: "File with additional CA certificates in PEM format",
    SSL_CERT_FILE: "File with CA certificates, for example /etc/ssl/certs/ca-certificates.crt",
  },
  Output: {
    TOKCTL_OUTPUT: "Output format, same as --output",
    NO_COLOR: "Set to any value to disable colors",
    FORCE_COLOR: "Set to 1 to use colors in a pipe, to 0 or false to disable colors",
    CLICOLOR_FORCE: "Set to 1 to use colors in a pipe; FORCE_COLOR takes precedence",
    CLICOLOR: "Set to 0 to disable colors",
    TERM: "dumb disables colors and progress",
    TOKCTL_PAGER: "Pager command for long lists at a terminal; takes precedence over PAGER",
    PAGER: "Pager command. An empty value or cat disables the pager",
    BROWSER:
      "Command that opens the sign-in page, with %s for the URL. Separate several commands with colons",
    CI: "Set to any value to disable prompts and progress",
  },
  "CI systems": {
    GITHUB_ACTIONS: "Must be true for --to github-env and --to github-output",
    GITHUB_ENV: "File that --to github-env:NAME appends to",
    GITHUB_OUTPUT: "File that --to github-output:NAME appends to",
  },
  "Files and folders": {
    TOKCTL_CONFIG_DIR: "Folder for profiles and credentials",
    TOKCTL_CREDENTIAL_STORE: "Store for credentials: file or keychain, same as --store",
    XDG_CONFIG_HOME: "Parent of the configuration folder (default: ~/.config)",
    HOME: "Home folder. On macOS the folders are in ~/Library",
    APPDATA: "Parent of the configuration folder on Windows",
    TOKCTL_CACHE_DIR: "Folder for the token names that completion offers",
    TOKCTL_CACHE: "Set to off to store no token names for completion. CI does the same",
    XDG_CACHE_HOME: "Parent of the cache folder (default: ~/.cache)",
    TOKCTL_STATE_DIR: "Folder for the journal of tokctl recover",
    XDG_STATE_HOME: "Parent of the state folder (default: ~/.local/state)",
    LOCALAPPDATA: "Parent of the cache and state folders on Windows",
  },
  Completion: {
    TOKCTL_COMPLETE_OFFLINE: "Set to 1 to disable the background refresh of token names",
    XDG_DATA_HOME: "Parent of the folders for the completion scripts of bash and zsh",
    BASH_COMPLETION_USER_DIR: "Folder for the completion script of bash; takes precedence",
    USERPROFILE: "Home folder of the PowerShell profile on Windows",
  },
  "Variables of other tools": {
    OVH_ENDPOINT:
      "ovh-eu, ovh-ca or ovh-us, with the following variables. A profile takes precedence",
    OVH_ACCESS_TOKEN: "Access token",
    OVH_APPLICATION_KEY: "Application key",
    OVH_APPLICATION_SECRET: "Application secret",
    OVH_CONSUMER_KEY: "Consumer key",
    OVH_CLIENT_ID: "Client ID of a service account",
    OVH_CLIENT_SECRET: "Client secret of a service account",
    OSMO_CONFIG_FILE_DIR: "Folder of the login.yaml that tokctl profile import reads",
  },
} as const;

export const environmentTopic: HelpTopic = {
  title: "Environment variables",
  sections: [
    {
      paragraphs: [
        "A command-line option takes precedence over its variable, and a variable over the profile. With --profile on the command line, the variables under Target have no effect. An empty variable counts as not set.",
      ],
    },
    ...Object.entries(variables).map(([heading, entries]) => ({
      heading,
      paragraphs: [],
      terms: Object.entries(entries).map(([term, text]) => ({ term, text })),
    })),
  ],
};

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
        "`tokctl sandbox exec` returns the exit code of its command, or 128+N if signal N ended it.",
        "A reader that closes the pipe early, such as `head`, is not a failure: the exit code is 0.",
      ],
    },
  ],
};

const formatDescriptions: Readonly<Record<Format, string>> = {
  text: "For people and for $(...): stdout has only the new secret; lists are tables",
  description: "A block of aligned fields for each object",
  json: "For programs: all fields are present, null if they have no value",
  yaml: "The same fields as YAML",
};

const jsonShapes = {
  "token get":
    "{id, name, roles, labelSelector, resource, description, owner, region, createdAt, updatedAt, expiresAt, status, version}",
  "token list": "array of these; [] if there are none",
  "token create, renew":
    "the same fields and token (the secret); with --to, deliveries: [{to, delivered, error?}] replaces token",
  "token delete": "[{id, name, deleted, error?}]",
  "token roles TOKEN": "{id, name, owner, roles: [{name, assignedBy, assignedAt}]}",
  "token roles": "[{name, description, deprecated}]",
  "token reach, create --preview":
    "{total, matching, resources: [{kind, id, name, url, state}]}; total counts all resources",
  "token check":
    "{valid, kind, id, name, owner, roles, project, expiresAt, scope: {labelSelector}, at: {url, status, letsIn, milliseconds}}; scope is null if it is unknown; at is null without --at",
  "app, job, notebook":
    "{kind, id, name, image, state, url, labels, user, createdAt, updatedAt}; list returns an array, delete the same as token delete",
  whoami:
    "{provider, url, name, kind, roles, project, owner, pools, defaultPool, tokenName, expiresAt}",
  "profile show": "[{key, value, source}]",
  doctor: "[{name, status, detail, hint, code}]; status is ok, warning, failed or skipped",
  recover:
    "[{action, begunAt, id, name, outcome, token, error}]; outcome is null for a pending operation",
  explain: "{code, exitCode, meaning, causes, remedies}",
  error: "{error: {code, message, hint, exitCode, requestId}}, on stderr",
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
        "Times are RFC 3339 in UTC. At a terminal, tables fit its width and show relative times. In a pipe, output has no colors and no line is shortened. Control characters from a server are escaped.",
      ],
    },
    {
      heading: "JSON and YAML fields",
      paragraphs: [],
      terms: Object.entries(jsonShapes).map(([term, text]) => ({ term, text })),
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
        "tokctl checks all destinations before it sends a request. If one of them can't be written, it makes no token. --force lets file:PATH replace an existing file.",
        "If a destination fails later, the others still get the secret, and the exit code is 9. If all of them fail, the secret is shown at a terminal. Without a terminal, a new token is deleted again; renew a renewed token once more.",
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
  title: "Scopes",
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
  ["descriptions", "descriptions"],
  ["resources", "apps, jobs and notebooks"],
  ["users", "tokens of other users"],
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
