import { UsageError } from "../errors.ts";

/** The features of a provider's API. A command that needs a missing one fails before it sends a request. */
export interface Supports {
  readonly names: boolean;
  /** Tokens can be limited to resources with a label. */
  readonly labels: boolean;
  readonly expiry: boolean;
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

/** Returns the features of a provider that states only the supported ones. */
export const defineSupports = (
  supported: Readonly<Partial<Record<Exclude<keyof Supports, "scopes">, true>>>,
): Supports => ({
  ...noSupport,
  ...supported,
  scopes: supported.labels === true || supported.resourcePatterns === true,
});

/** The features that an option or command may require, and the sentence for a provider without one. */
const unsupported = {
  names: "tokens have no name",
  labels: "tokens have no label selector",
  expiry: "tokens have no expiry date",
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
  if (!supports[capability])
    throw new UsageError(
      `${title} ${unsupported[capability]}${flag === undefined ? "" : `: omit ${flag}`}.`,
      { hint: "To compare the providers: tokctl help providers" },
    );
}
