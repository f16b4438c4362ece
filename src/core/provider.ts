import { UsageError } from "../errors.ts";
import type { Fetch, Host } from "../host.ts";
import type { Expiry } from "./expiry.ts";
import type { Reachable, ResourceKind, ResourceProvider } from "./resource.ts";
import type { Secret } from "./secret.ts";
import type { Timestamp } from "./time.ts";
import type { IssuedToken, Token, TokenSpec } from "./token.ts";

/** One remote API as plain data: what it is, what it allows, and how to reach it. */
export interface Provider {
  readonly id: string;
  readonly title: string;
  readonly roles: readonly Role[];
  readonly supports: Supports;
  /** Base URL by region, where the host is the region. */
  readonly hosts: Readonly<Record<string, string>>;
  /** Base URL by the name that the platform's own tools give it. */
  readonly endpoints?: Readonly<Record<string, string>>;
  /** The ways to sign in; the first is the one that is proposed. */
  readonly logins: readonly LoginMethod[];
  /** The file in which the platform's own tools keep their sign-ins. */
  readonly foreignFile?: ForeignFile;
  /** What else must be said of a place besides its address. */
  readonly needs: readonly Whereabouts[];
  /** What the platform's own tools keep in the environment, if that names a place and a credential. */
  readonly fromEnvironment?: (
    env: Host["env"],
  ) => Pick<Connection, "url" | "credential"> | undefined;
  /** What a token's name must look like, where the API says so. */
  readonly nameRule?: { readonly pattern: RegExp; readonly words: string };
  /** How the labels begin that the platform sets itself, and nobody else can. */
  readonly reservedLabels?: string;
  /** What to look at when a token is not found though it should be there. */
  readonly notFoundHint: string;
  /** Loads the provider's code; sends nothing yet. */
  connect(connection: Connection): Promise<TokenProvider>;
}

/** Where in an account tokens are. */
export type Whereabouts = "project" | "namespace";

export interface Role {
  readonly name: string;
  /** What it allows, for people. */
  readonly description: string;
  /** The name it has now, if this is an old spelling. */
  readonly replacedBy?: string;
  /** What a token with it can reach; absent where that is not known. */
  readonly opens?: Reachable;
}

/** What a provider's API can do. What it can't is refused before anything is sent. */
export interface Supports {
  readonly names: boolean;
  readonly labels: boolean;
  readonly expiry: boolean;
  readonly descriptions: boolean;
  /** A token can be limited to what has a name like a pattern. */
  readonly resourcePatterns: boolean;
  /** What its tokens open is there to be seen and managed: see `TokenProvider.resources`. */
  readonly resources: boolean;
  /** Tokens of other users. */
  readonly users: boolean;
  readonly projects: boolean;
  readonly namespaces: boolean;
  /** Tokens of several regions at one address: `--region` says which of them, not where. */
  readonly tokenRegions: boolean;
  /** Other roles or another expiry at a renewal. */
  readonly renewChanges: boolean;
  /** A development service that believes whoever a header names. */
  readonly userHeader: boolean;
  readonly manyRoles: boolean;
  /** A token can be made without naming a role. */
  readonly defaultRoles: boolean;
  /** Roles beyond the listed ones may exist. */
  readonly customRoles: boolean;
  /** Ids are UUIDs made by the server, so a name may repeat and the beginning of an id may do. */
  readonly serverIds: boolean;
}

/** What an option may need of a provider, and the sentence for one that lacks it. */
const lacks = {
  labels: "tokens have no label selector",
  expiry: "tokens have no expiry date",
  descriptions: "tokens have no description",
  resourcePatterns: "tokens have no resource pattern",
  resources: "has no apps, jobs or notebooks to look at",
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
    );
}

/** What says who is calling. */
export type Credential =
  | { readonly kind: "token"; readonly token: Secret }
  /** Only a development service takes a user at their word. */
  | { readonly kind: "user"; readonly user: string }
  /** Signs each request (OVHcloud's public API). */
  | {
      readonly kind: "application";
      readonly applicationKey: string;
      readonly applicationSecret: Secret;
      readonly consumerKey: Secret;
    };

/** One way to sign in: what is asked for, as plain data, and how a credential comes of it. */
export interface LoginMethod {
  /** As `--method` takes it. */
  readonly id: string;
  readonly title: string;
  /** What the person must say. */
  readonly fields: readonly LoginField[];
  /** It finds the address too, where nobody gave one. */
  readonly findsUrl?: boolean;
  /** Comes by the credential. What it needs for that, it loads itself. */
  signIn(request: LoginRequest): Promise<Login>;
}

/** Something to be asked for, or given by an option. */
export interface LoginField {
  /**
   * Its option without the dashes. That of a secret names a file and ends in `-file`, for what
   * stands on a command line can be seen by others.
   */
  readonly option: string;
  /** What it is called in a question: `application key`. */
  readonly title: string;
  readonly secret: boolean;
}

export interface LoginRequest {
  /** Known for every method that does not find it. */
  readonly url: URL | undefined;
  /** What was said, by the option of the field: each of them is there. */
  readonly answers: Readonly<Record<string, Secret>>;
  readonly env: Host["env"];
  /** The text of a file; undefined if there is none. @throws UsageError if it can't be read. */
  readonly readText: (path: string) => Promise<string | undefined>;
  readonly transport: Transport;
}

/** What signing in leads to. */
export interface Login {
  readonly credential: Credential;
  /** Where it is good, if nobody had said so. */
  readonly url?: URL;
  /** Where it was found, for people. */
  readonly found?: string;
}

/** A file of a platform's own tools. It is read, and never changed. */
export interface ForeignFile {
  /** Where those tools look for it, the first place first. */
  paths(env: Host["env"]): readonly string[];
  /**
   * The sign-ins in such a file; none if it is a file of another kind.
   * @throws UsageError for one that can't be taken over.
   */
  parse(text: string): Promise<readonly ForeignLogin[]>;
}

/** A sign-in for a profile of that name. */
export interface ForeignLogin {
  readonly name: string;
  readonly url: URL;
  readonly credential: Credential;
}

/** @throws Error for an option that is none of the method's fields. */
export function answerOf(answers: LoginRequest["answers"], { option }: LoginField): Secret {
  const answer = answers[option];
  if (!answer) throw new Error(`${option} was not asked for`);
  return answer;
}

/** For an API that takes a ready token. */
export function tokenLogin(title: string): LoginMethod {
  const field = { option: "app-token-file", title, secret: true };
  return {
    id: "token",
    title,
    fields: [field],
    signIn: async ({ answers }) => ({
      credential: { kind: "token", token: answerOf(answers, field) },
    }),
  };
}

/** @throws UsageError for a credential of another kind. */
export function requireToken(credential: Credential): Secret {
  if (credential.kind !== "token") throw new UsageError("This provider needs an app token.");
  return credential.token;
}

/** The header for an API that takes its tokens as they are (RFC 6750 §2.1). */
export const bearer = (credential: Credential): Record<"authorization", string> => ({
  authorization: `Bearer ${requireToken(credential).reveal()}`,
});

/** A provider at a place, with a credential. */
export interface Connection {
  readonly url: URL;
  /** Of those that the provider needs, each is there. */
  readonly whereabouts: Readonly<Partial<Record<Whereabouts, string>>>;
  /** The region of the tokens that are meant, for a provider that has several at one address. */
  readonly region: string | undefined;
  readonly credential: Credential;
  readonly transport: Transport;
}

/** How a request leaves the program. */
export interface Transport {
  readonly fetch: Fetch;
  readonly now: () => Date;
  readonly deadline: (milliseconds: number) => AbortSignal;
  readonly interrupt: AbortSignal;
  /** Milliseconds that a request and its reply may take. */
  readonly timeout: number;
  readonly userAgent: string;
  /** Told of requests and replies, without bodies and with credentials masked. */
  readonly trace: (line: string) => void;
  /**
   * Tells the person what the server, or the provider, wants known besides the result; `always`
   * also where only the result is wanted, because something may be lost.
   */
  readonly warn: (warning: { readonly text: string; readonly always?: boolean }) => void;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What every provider can do: adding one means implementing this. `owner` is another user. */
export interface TokenProvider {
  /** Every token, all pages of it. */
  list(owner: string | undefined): Promise<readonly Token[]>;
  /** The token with this id, or undefined: where the server makes the ids. */
  get?(id: string): Promise<Token | undefined>;
  create(spec: TokenSpec): Promise<IssuedToken>;
  /** Gives a token a new secret, which kills the old one. */
  renew(token: Token, changes: RenewChanges, owner: string | undefined): Promise<IssuedToken>;
  /** @throws NotFoundError if it is gone already. */
  delete(token: Token, owner: string | undefined): Promise<void>;
  roles(token: Token, owner: string | undefined): Promise<readonly AssignedRole[]>;
  whoami(): Promise<Identity>;
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
  /** The token that the credential is, where the API says so. */
  readonly tokenName: string | null;
  readonly expiresAt: Timestamp | null;
}

/** What to do when the reply to a change is lost, and with it a secret that was in it. */
export const ifLost = {
  create: (name: string | undefined) =>
    `It may have been created, and its secret is lost: look for ${name === undefined ? "it" : `"${name}"`} with tokctl token list, then renew or delete it.`,
  renew: (id: string) =>
    `Its old secret may be dead: tokctl token renew ${id} makes another, tokctl token get ${id} shows its version.`,
  run: (kind: ResourceKind) => `It may be running: look for it with tokctl ${kind} list.`,
  delete: "It may be gone: delete it again with --missing-ok.",
} as const;
