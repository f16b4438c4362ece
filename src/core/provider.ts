import type { Host } from "../host/host.ts";
import type { Connection, ProjectRef } from "./connection.ts";
import type { LoginMethod, PlatformLoginFile } from "./login-method.ts";
import type { ResourceAccess } from "./resource.ts";
import type { Supports } from "./supports.ts";
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
