import { UsageError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Connection, ProjectRef } from "./connection.ts";
import type { Expiry } from "./expiry.ts";
import type { LoginMethod, PlatformLoginFile } from "./login-method.ts";
import type { ResourceAccess, ResourceKind, ResourceProvider } from "./resource.ts";
import type { Secret } from "./secret.ts";
import type { Timestamp } from "./time.ts";
import type { IssuedToken, Token, TokenSpec } from "./token.ts";

/** One remote API as plain data: what it is, what it allows, and how to reach it. */
export interface Provider {
  readonly id: string;
  readonly title: string;
  /** Those that allow the least come first. */
  readonly roles: readonly Role[];
  readonly supports: Supports;
  /** Base URL by region, where the host is the region. */
  readonly regionUrls: Readonly<Record<string, string>>;
  /** Base URL by the name that the platform's own tools give it. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** The path with which its requests begin, below the base URL: no base URL ends in it. */
  readonly requestPathPrefix?: string;
  /** The path of a base URL at the platform's own hosts: without any path there is no API. */
  readonly basePath?: string;
  /** The ways to sign in; the first is the one that is proposed. */
  readonly logins: readonly LoginMethod[];
  /** The file in which the platform's own tools keep their sign-ins. */
  readonly platformLoginFile?: PlatformLoginFile;
  /** What else must be said of a place besides its address. */
  readonly requiredRefs: readonly ProjectRef[];
  /** What the platform's own tools keep in the environment, if that names a place and a credential. */
  readonly readEnvironment?: (
    env: Host["env"],
  ) => Pick<Connection, "url" | "credential"> | undefined;
  /** What a token's name must look like, where the API says so. */
  readonly nameRule?: { readonly pattern: RegExp; readonly words: string };
  /** What the secret of a token looks like, where that is known. */
  readonly secretRule?: { readonly pattern: RegExp; readonly words: string };
  /** What the pattern looks like that limits a token, where there is one. */
  readonly resourceRule?: { readonly pattern: RegExp; readonly words: string };
  /** The labels that the platform sets itself, and nobody else can. */
  readonly reservedLabels?: ReservedLabels;
  /** Answers anybody with the server's time, in seconds since 1970. */
  readonly clockPath?: string;
  /** What to look at when a token is not found though it should be there. */
  readonly notFoundHint: string;
  /** Loads the provider's code; sends nothing yet. */
  connect(connection: Connection): Promise<TokenProvider>;
}

/** Labels of a platform: how all of their names begin, and what each of them can be, by its whole name. */
export interface ReservedLabels {
  readonly prefix: string;
  readonly values: ReadonlyMap<string, { readonly pattern: RegExp; readonly words: string }>;
}

export interface Role {
  readonly name: string;
  /** What it allows, for people. */
  readonly description: string;
  /** The name it has now, if this is an old spelling. */
  readonly replacedBy?: string;
  /** What a token with it can reach; absent where that is not known. */
  readonly access?: ResourceAccess;
}

/** The features of a provider's API. A command that needs a missing one fails before it sends a request. */
export interface Supports {
  readonly names: boolean;
  /** Tokens can be limited to resources with a label. */
  readonly labels: boolean;
  readonly expiry: boolean;
  readonly creationTimes: boolean;
  readonly descriptions: boolean;
  /** Tokens can be limited to resources whose name matches a pattern. */
  readonly resourcePatterns: boolean;
  /** The API lists and manages the resources that tokens can access: see `TokenProvider.resources`. */
  readonly resources: boolean;
  /** Tokens are credentials of this API, so the API can check one by its secret. */
  readonly checks: boolean;
  /** Administrators can manage tokens of other users. */
  readonly users: boolean;
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
  /** The server generates ids (UUIDs): names may repeat, and a prefix of an id selects a token. */
  readonly serverIds: boolean;
}

const noSupport: Supports = {
  names: false,
  labels: false,
  expiry: false,
  creationTimes: false,
  descriptions: false,
  resourcePatterns: false,
  resources: false,
  checks: false,
  users: false,
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
  supported: Readonly<Partial<Record<keyof Supports, true>>>,
): Supports => ({
  ...noSupport,
  ...supported,
});

/** What an option may need of a provider, and the sentence for one that lacks it. */
const lacks = {
  labels: "tokens have no label selector",
  expiry: "tokens have no expiry date",
  descriptions: "tokens have no description",
  resourcePatterns: "tokens have no resource pattern",
  resources: "has no apps, jobs or notebooks to look at",
  checks: "can't tell what a token is worth, for its tokens open another API",
  users: "lets no one manage the tokens of other users",
  projects: "has no projects to choose from",
  namespaces: "has no namespaces to choose from",
  renewChanges: "renews a token as it is",
  userHeader: "takes a credential, not a user's name",
} as const satisfies Partial<Record<keyof Supports, string>>;

export type Capability = keyof typeof lacks;

/** @throws UsageError naming the provider and, if one asked for it, the option, if the provider has no such thing. */
export function requireSupport(provider: Provider, capability: Capability, flag?: string): void {
  if (!provider.supports[capability])
    throw new UsageError(
      `${provider.title} ${lacks[capability]}${flag === undefined ? "" : `: leave out ${flag}`}.`,
      { hint: "tokctl help scopes tells what the tokens of each provider have." },
    );
}

/** What every provider can do: adding one means implementing this. `owner` is another user. */
export interface TokenProvider {
  /** Every token, all pages of it. */
  list(owner?: string): Promise<readonly Token[]>;
  /** The token with this id, or undefined: where the server makes the ids. */
  get?(id: string): Promise<Token | undefined>;
  /** @throws UsageError for what the API refuses or can't do, before anything is sent. `create` does too. */
  check?(spec: TokenSpec): void;
  /** @param before the tokens that its owner had just now, if somebody has looked. */
  create(spec: TokenSpec, before?: readonly Token[]): Promise<IssuedToken>;
  /** Gives a token a new secret, which kills the old one. */
  renew(token: Token, changes: RenewChanges, owner?: string): Promise<IssuedToken>;
  /**
   * Creates a token again that an interrupted renewal deleted, where a renewal does that. What the
   * API does not allow any more is replaced by the nearest that it allows.
   */
  restore?(token: Token, owner?: string): Promise<IssuedToken>;
  /**
   * Deletes what an interrupted renewal of the token left beside it.
   * @returns whether there was something: then that renewal had not changed the token yet.
   */
  removeLeftovers?(token: Token, owner?: string): Promise<boolean>;
  /** @throws NotFoundError if it is gone already. */
  delete(token: Token, owner?: string): Promise<void>;
  roles(token: Token, owner?: string): Promise<readonly AssignedRole[]>;
  whoami(): Promise<Identity>;
  /** Reads as little of the list as it can, where that is less than all. @throws what `list` throws. */
  tryList?(): Promise<unknown>;
  /**
   * What is sent as Bearer to other addresses of the platform, where that is not the credential.
   * @throws CliError if it is refused.
   */
  bearer?(): Promise<Secret>;
  /** The token that the credential is; undefined if it is none, or the API does not say. */
  tokenInUse(): Promise<Pick<Token, "name" | "owner"> | undefined>;
  /** What the tokens open, where `supports.resources` says that there is such a thing. */
  resources?(): Promise<ResourceProvider>;
}

export interface RenewChanges {
  readonly roles?: readonly string[] | undefined;
  readonly expiry?: Expiry | undefined;
}

export interface AssignedRole {
  readonly name: string;
  readonly assignedBy: string | null;
  readonly assignedAt: Timestamp | null;
}

/** Who a credential is. */
export interface Identity {
  readonly provider: string;
  readonly url: string;
  readonly name: string | null;
  /** `app` for an application token, else the provider's word. */
  readonly kind: string;
  readonly roles: readonly string[];
  readonly project: string | null;
  /** The user whom the credential belongs to, where the API says so. */
  readonly owner: string | null;
  /** The names of the pools that the user can submit to; empty where there are none. */
  readonly pools: readonly string[];
  readonly defaultPool: string | null;
  /** The token that the credential is, where the API says so. */
  readonly tokenName: string | null;
  readonly expiresAt: Timestamp | null;
}

/** What to do when the reply to a change is lost, and with it a secret that was in it. */
export const lostResponseHints = {
  create: (name: string | undefined) =>
    `It may have been created, and its secret is lost: look for ${name === undefined ? "it" : `"${name}"`} with tokctl token list, then renew or delete it.`,
  renew: (id: string) =>
    `Its old secret may be dead: tokctl token renew ${id} makes another, tokctl token get ${id} shows its version.`,
  run: (kind: ResourceKind) => `It may be running: look for it with tokctl ${kind} list.`,
  delete: "It may be gone: delete it again with --missing-ok.",
} as const;
