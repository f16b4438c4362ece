import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import type { Connection, ProjectRef } from "./connection.ts";
import type { LoginMethod, PlatformLoginFile } from "./login-method.ts";
import type { ResourceAccess } from "./resource.ts";
import type { TokenProvider } from "./token-provider.ts";

/** A remote API as plain data, and a function that loads its code. */
export interface Provider {
  /** The value of `--provider`. */
  readonly id: string;
  readonly title: string;
  /** In the order of permissions, the fewest first. */
  readonly roles: readonly Role[];
  readonly supports: Supports;
  /** Base URL by region, if each region has its own host. */
  readonly regionUrls: Readonly<Record<string, string>>;
  /** Base URL by the name that the platform's own tools use, such as `ovh-eu`. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** The beginning of each request path. A base URL must not end in it. */
  readonly requestPathPrefix?: string;
  /** The path of a base URL at the platform's own hosts, such as `/1.0`. A base URL without a path is an error. */
  readonly basePath?: string;
  /** The ways to sign in; the first is the default. */
  readonly logins: readonly LoginMethod[];
  /** The file with the sign-ins of the platform's own tools. */
  readonly platformLoginFile?: PlatformLoginFile;
  /** The parts of an account that a connection must have. */
  readonly requiredRefs: readonly ProjectRef[];
  /** Returns the base URL and the credential from the variables of the platform's own tools; undefined if they are not set. */
  readonly readEnvironment?: (
    env: Host["env"],
  ) => Pick<Connection, "url" | "credential"> | undefined;
  /** The syntax of a token's name, if the API restricts it. */
  readonly nameRule?: SyntaxRule;
  /** The syntax of a token's secret, if it is known. */
  readonly secretRule?: SyntaxRule;
  /** The syntax of a resource pattern, if tokens have one. */
  readonly resourceRule?: SyntaxRule;
  /** The labels that only the platform can set. */
  readonly reservedLabels?: ReservedLabels;
  /** The path that returns the server's time without a credential, in seconds since 1970. */
  readonly clockPath?: string;
  /** The hint if a token is not found. */
  readonly notFoundHint: string;
  /** Loads the provider's code and connects it. Sends no request. */
  connect(connection: Connection): Promise<TokenProvider>;
}

/** A pattern, and its description for errors. */
export interface SyntaxRule {
  readonly pattern: RegExp;
  readonly words: string;
}

/** The labels of a platform: the prefix of their names, and the rule for the value of each name. */
export interface ReservedLabels {
  readonly prefix: string;
  readonly values: ReadonlyMap<string, SyntaxRule>;
}

/** A role of tokens. */
export interface Role {
  readonly name: string;
  /** The permissions, as a phrase for help. */
  readonly description: string;
  /** The current name, if this one is deprecated. */
  readonly replacedBy?: string;
  /** The resources that the role gives access to, if known. */
  readonly access?: ResourceAccess;
}

/** The features of a provider's API. A command that needs a missing one fails before it sends a request. */
export interface Supports {
  readonly names: boolean;
  /** Tokens can be limited to resources with a label. */
  readonly labels: boolean;
  /** The server enforces the expiry of tokens. */
  readonly expiry: boolean;
  /** The expiry can be part of a token's name: see `toSoftExpiryName`. A client enforces it. */
  readonly softExpiry: boolean;
  /** Tokens can have an expiry, whoever enforces it. Derived from these two. */
  readonly expiryDates: boolean;
  readonly creationTimes: boolean;
  readonly descriptions: boolean;
  /** Tokens can be limited to resources with a name that matches a pattern. */
  readonly resourcePatterns: boolean;
  /** Tokens can be limited to some resources: by a label or a pattern. Derived from these two. */
  readonly scopes: boolean;
  /** The API lists and manages the resources that tokens can access: see `TokenProvider.resources`. */
  readonly resources: boolean;
  /** Tokens are credentials of this API, so the API can check one by its secret. */
  readonly tokenChecks: boolean;
  /** Tokens have owners, and administrators can manage the tokens of other users. */
  readonly owners: boolean;
  readonly projects: boolean;
  readonly namespaces: boolean;
  /** One base URL has tokens of several regions, which `--region` selects. */
  readonly tokenRegions: boolean;
  /** A renewal can change roles and expiry. */
  readonly renewChanges: boolean;
  /** A development service accepts a user name in a header as the credential. */
  readonly userHeader: boolean;
  readonly manyRoles: boolean;
  /** A token can be created without roles. */
  readonly defaultRoles: boolean;
  /** Roles that `Provider.roles` does not list may exist. */
  readonly customRoles: boolean;
  /** The server generates IDs (UUIDs): names may repeat, and a prefix of an ID selects a token. */
  readonly serverIds: boolean;
}

const noSupport: Supports = {
  names: false,
  labels: false,
  expiry: false,
  softExpiry: false,
  expiryDates: false,
  creationTimes: false,
  descriptions: false,
  resourcePatterns: false,
  scopes: false,
  resources: false,
  tokenChecks: false,
  owners: false,
  projects: false,
  namespaces: false,
  tokenRegions: false,
  renewChanges: false,
  userHeader: false,
  manyRoles: false,
  defaultRoles: false,
  customRoles: false,
  serverIds: false,
};

/** Returns the features that at least one of several providers has. */
export const uniteSupports = (all: readonly Supports[]): Supports =>
  Object.fromEntries(
    Object.keys(noSupport).map((key) => [key, all.some((each) => each[key as keyof Supports])]),
  ) as Record<keyof Supports, boolean>;

/** Returns the features of a provider that states only the supported ones. */
export const defineSupports = (
  supported: Readonly<Partial<Record<Exclude<keyof Supports, "scopes" | "expiryDates">, true>>>,
): Supports => ({
  ...noSupport,
  ...supported,
  expiryDates: supported.expiry === true || supported.softExpiry === true,
  scopes: supported.labels === true || supported.resourcePatterns === true,
});

/** The features that an option or command may require, and the sentence for a provider without one. */
const unsupported = {
  names: "tokens have no name",
  labels: "tokens have no label selector",
  softExpiry: "tokens cannot have a soft expiry",
  expiryDates: "tokens have no expiry date",
  creationTimes: "tokens have no creation time",
  descriptions: "tokens have no description",
  resourcePatterns: "tokens have no resource pattern",
  scopes: "tokens are not limited to resources",
  resources: "has no apps, jobs or notebooks",
  tokenChecks: "cannot check a token by its secret",
  owners: "has no tokens of other users",
  projects: "has no projects",
  namespaces: "has no namespaces",
  renewChanges: "cannot change roles or expiry with renew",
  userHeader: "requires a credential, not a user name",
} as const satisfies Partial<Record<keyof Supports, string>>;

/** A feature that `requireSupport` can check. */
export type Capability = keyof typeof unsupported;

/** A feature that a command or an option requires. */
export interface Requirement {
  readonly capability: Capability;
  /** The option that requires it; undefined for the command itself. */
  readonly flag?: string;
}

/** Checks that a provider has a feature. @throws UsageError if it does not. */
export function requireSupport(
  { title, supports }: { readonly title: string; readonly supports: Supports },
  { capability, flag }: Requirement,
): void {
  const reason =
    capability === "softExpiry" && supports.expiry
      ? "enforces the expiry of its tokens"
      : unsupported[capability];
  if (!supports[capability])
    throw new UsageError(`${title} ${reason}${flag === undefined ? "" : `: omit ${flag}`}.`, {
      hint: "To compare the providers: tokctl help providers",
    });
}
