import type { Provider, Supports } from "../../core/provider.ts";
import { exitCodes } from "../../errors.ts";
import { type Format, formats } from "../../output/format.ts";
import { providers, sinkKinds } from "../../session/session.ts";
import { errorCodes, explanations } from "../error-explanations.ts";
import type { HelpTopic, Section, Term } from "./page.ts";

/** Every variable that is heeded, by what it is about. */
export const variables = {
  "Where to connect, and as whom": {
    TOKCTL_PROFILE: "the profile, as --profile",
    TOKCTL_PROVIDER: "the API to talk to, as --provider",
    TOKCTL_URL: "its address, as --url",
    TOKCTL_REGION: "its region, or that of its tokens, as --region",
    TOKCTL_PROJECT: "the project whose tokens are meant, as --project",
    TOKCTL_NAMESPACE: "the namespace in it, as --namespace",
    TOKCTL_APP_TOKEN:
      "the credential; it goes only where TOKCTL_URL or TOKCTL_REGION lead or, without those, the profile",
    TOKCTL_USER_HEADER: "who you are to a service without sign-in, as --user-header",
    TOKCTL_OAUTH_URL: "the authorization server of tokctl login, as --oauth-url",
    TOKCTL_CLIENT_ID: "what tokctl login is known as there, as --client-id",
  },
  "What lies between": {
    HTTPS_PROXY: "the proxy; also https_proxy, which comes first",
    HTTP_PROXY: "stands in where HTTPS_PROXY is not set; also http_proxy",
    ALL_PROXY: "stands in where neither is set; also all_proxy; SOCKS is not supported",
    NO_PROXY: "hosts, addresses and ranges (10.0.0.0/8) that are reached without it; also no_proxy",
    TOKCTL_ALLOW_HTTP: "1: plain http to other machines too, as --allow-http",
    TOKCTL_CA_FILE: "certificates to trust besides the usual ones, as --ca-file",
    TOKCTL_CERT_FILE: "a client certificate, as --cert-file",
    TOKCTL_KEY_FILE: "the private key for it, as --key-file",
    TOKCTL_RETRIES: "how often a request that failed in passing is sent again, as --retries",
    NODE_EXTRA_CA_CERTS: "a file of more certificates to trust, in PEM",
    SSL_CERT_FILE: "the same, such as the system's bundle /etc/ssl/certs/ca-certificates.crt",
  },
  Output: {
    TOKCTL_OUTPUT: "the format, as --output",
    NO_COLOR: "no colours, whatever it holds",
    FORCE_COLOR: "colours in a pipe too; 0 and false mean none",
    CLICOLOR_FORCE: "colours in a pipe too, unless it is 0; FORCE_COLOR wins",
    CLICOLOR: "0 means no colours",
    TERM: "dumb means no colours, and nothing that comes and goes",
    BROWSER:
      "the command that login opens a page with, %s in it for the URL; several are separated by colons",
    CI: "nothing is asked and no progress shown, as without a terminal",
  },
  "In a CI system": {
    GITHUB_ACTIONS: "true where --to github-env and github-output may be used",
    GITHUB_ENV: "the file that --to github-env:NAME adds to",
    GITHUB_OUTPUT: "the file that --to github-output:NAME adds to",
  },
  "Where things are kept": {
    TOKCTL_CONFIG_DIR: "the folder for profiles and credentials",
    TOKCTL_CREDENTIAL_STORE: "file or keychain: where login keeps credentials, as --store",
    XDG_CONFIG_HOME: "else the folder tokctl in this one",
    HOME: "else tokctl in its .config, .cache and .local/state, on macOS below its Library",
    APPDATA: "else, on Windows, tokctl in this one",
    TOKCTL_CACHE_DIR: "the folder for what completion knows of tokens",
    TOKCTL_CACHE: "off: nothing of tokens is kept for completion; nor is it where CI is set",
    XDG_CACHE_HOME: "else the folder tokctl in this one",
    TOKCTL_STATE_DIR: "the folder for what tokctl recover needs to know",
    XDG_STATE_HOME: "else the folder tokctl in this one",
    LOCALAPPDATA: "on Windows, tokctl/cache and tokctl/state in this one",
  },
  Completion: {
    TOKCTL_COMPLETE_OFFLINE: "1: TAB lists nothing anew in the background",
    XDG_DATA_HOME: "where completion --install puts the scripts for bash and zsh",
    BASH_COMPLETION_USER_DIR: "the same for bash, first of all",
    USERPROFILE: "on Windows, the home of the PowerShell profile",
  },
  "What the platforms' own tools keep": {
    OVH_ENDPOINT: "ovh-eu, ovh-ca or ovh-us: the place of the following, if no profile is chosen",
    OVH_ACCESS_TOKEN: "an access token",
    OVH_APPLICATION_KEY: "an application",
    OVH_APPLICATION_SECRET: "its secret",
    OVH_CONSUMER_KEY: "its consumer key",
    OVH_CLIENT_ID: "a service account",
    OVH_CLIENT_SECRET: "its secret",
    OSMO_CONFIG_FILE_DIR: "where osmo keeps the login.yaml that profile import reads",
  },
} as const;

export const environmentPage: HelpTopic = {
  title: "Environment",
  sections: [
    {
      paragraphs: [
        "An option comes before its variable, and a variable before the profile. With -p on the command line the variables of place and credential are not heeded. An empty one counts as unset.",
      ],
    },
    ...Object.entries(variables).map(([heading, entries]) => ({
      heading,
      paragraphs: [],
      terms: Object.entries(entries).map(([term, text]) => ({ term, text })),
    })),
  ],
};

export const exitCodesPage: HelpTopic = {
  title: "Exit codes",
  sections: [
    {
      paragraphs: [
        "Each kind of failure has an exit code for scripts and a name, which an error shows in brackets and json as `code`. `tokctl explain CODE` says more of one.",
      ],
      terms: [
        { term: "0", text: "done" },
        ...errorCodes.map((code) => ({
          term: `${String(exitCodes[code]).padEnd(3)} ${code}`,
          text: explanations[code].meaning,
        })),
      ],
    },
    {
      paragraphs: [
        "`tokctl sandbox exec` ends with the exit code of its command, 128+n if signal n ended it.",
        "A pipe that is closed early, as by `head`, is no failure: 0.",
      ],
    },
  ],
};

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

export const placesPage: HelpTopic = {
  title: "Places for a secret",
  sections: [
    {
      paragraphs: [
        "token create and renew print the new secret, once. With --to PLACE they send it there instead and print it nowhere; --to repeats.",
      ],
      terms: sinkKinds.map(({ form, title }) => ({ term: form, text: title })),
    },
    {
      paragraphs: [
        "Every place is opened and checked before anything is sent: if one is not fit, nothing happens. --force lets file:PATH replace a file.",
        "Every place gets the secret, whatever another meets; exit 9 says which did not. If none took it, it is shown at a terminal. Elsewhere a new token is deleted again, and a renewed one is to be renewed once more.",
      ],
    },
  ],
};

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
