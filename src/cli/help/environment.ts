import type { HelpTopic } from "./page.ts";

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
    TOKCTL_SANDBOX_URL: "Base URL that tokctl login suggests. Set by tokctl sandbox exec",
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
    DISPLAY:
      "Without it, and without WAYLAND_DISPLAY and BROWSER, tokctl login lists browser sign-in last on Linux",
    WAYLAND_DISPLAY: "See DISPLAY",
    SSH_CONNECTION: "If it is set, tokctl login lists browser sign-in last on macOS and Windows",
    CI: "Set to true or 1 to disable prompts and progress",
  },
  "CI systems": {
    GITHUB_ACTIONS: "Must be true for --to github-env and --to github-output",
    GITHUB_ENV: "File that --to github-env:NAME appends to",
    GITHUB_OUTPUT: "File that --to github-output:NAME appends to",
  },
  "Files and folders": {
    TOKCTL_CONFIG_DIR: "Directory for profiles and credentials",
    TOKCTL_CREDENTIAL_STORE: "Store for credentials: file or keychain, same as --store",
    XDG_CONFIG_HOME: "Parent of the configuration directory (default: ~/.config)",
    HOME: "Home directory. On macOS the directories are in ~/Library",
    APPDATA: "Parent of the configuration directory on Windows",
    TOKCTL_CACHE_DIR: "Directory for the token names that completion offers",
    TOKCTL_CACHE: "Set to off to store no token names for completion. Also off if CI is true or 1",
    XDG_CACHE_HOME: "Parent of the cache directory (default: ~/.cache)",
    TOKCTL_STATE_DIR: "Directory for the journal of tokctl recover",
    XDG_STATE_HOME: "Parent of the state directory (default: ~/.local/state)",
    LOCALAPPDATA: "Parent of the cache and state directories on Windows",
  },
  Completion: {
    TOKCTL_COMPLETE_OFFLINE: "Set to 1 to disable the background refresh of token names",
    XDG_DATA_HOME: "Parent of the folders for the completion scripts of bash and zsh",
    BASH_COMPLETION_USER_DIR: "Directory for the completion script of bash; takes precedence",
    USERPROFILE: "Home directory of the PowerShell profile on Windows",
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
    OSMO_CONFIG_FILE_DIR: "Directory of the login.yaml that tokctl profile import reads",
  },
} as const;

export const environmentTopic: HelpTopic = {
  title: "Environment variables",
  sections: [
    {
      paragraphs: [
        "A command-line option takes precedence over its variable, and a variable over the profile, except for the variables of other tools. With --profile on the command line, the variables under Target have no effect. An empty variable counts as not set.",
      ],
    },
    ...Object.entries(variables).map(([heading, entries]) => ({
      heading,
      paragraphs: [],
      terms: Object.entries(entries).map(([term, text]) => ({ term, text })),
    })),
  ],
};
