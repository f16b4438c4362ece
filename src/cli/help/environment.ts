import type { HelpTopic } from "./page.ts";

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
