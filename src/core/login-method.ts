import type { Host } from "../host.ts";
import type { Connection, Transport } from "./connection.ts";
import type { Credential } from "./credential.ts";
import { Secret } from "./secret.ts";

/** A way to sign in: its fields, as plain data, and a function that returns the credential. */
export interface LoginMethod {
  /** The value of `--method`. */
  readonly id: string;
  readonly title: string;
  /** The input that it needs. */
  readonly fields: readonly LoginField[];
  /** Whether the method also finds the base URL, if none is set. */
  readonly findsUrl?: boolean;
  /** Whether the user has to use a browser. Such a method is used only if it is selected. */
  readonly isInteractive?: boolean;
  /** Whether the browser must run on this machine. */
  readonly opensBrowser?: boolean;
  /** Signs in. Loads its code on demand. @throws CliError if signing in fails */
  signIn(request: LoginRequest): Promise<LoginResult>;
}

/** An input of a login method: the value of an option, or the answer to a question. */
export interface LoginField {
  /**
   * The option without dashes. For a secret, its value is the path of a file and its name ends in
   * `-file`, because other users can see command lines.
   */
  readonly option: string;
  /** The name in a question, such as `application key`. */
  readonly title: string;
  readonly isSecret: boolean;
  /**
   * Whether the value is a token. It may be pasted with quotes, a variable name or a header: see
   * `parsePastedSecret`.
   */
  readonly isToken?: boolean;
  /**
   * Whether the value may contain every character except a line break: a password, or a client
   * secret (RFC 6749 appendix A.2).
   */
  readonly isPassword?: boolean;
  /** The profile setting that stores the value. */
  readonly setting?: "clientId" | "oauthUrl";
  /** Whether there is no prompt for the field. */
  readonly isOptional?: boolean;
}

/** The fields of a sign-in with a user name and a password. */
export const usernameField: LoginField = {
  option: "username",
  title: "user name",
  isSecret: false,
};
export const passwordField: LoginField = {
  option: "password-file",
  title: "password",
  isSecret: true,
  isPassword: true,
};

/** The input and the functions of one sign-in. */
export interface LoginRequest {
  /** Undefined only for a method that finds the URL. */
  readonly url: URL | undefined;
  readonly projectRefs: Connection["projectRefs"];
  /** The answers by option. Each field that is not optional has one. */
  readonly answers: LoginAnswers;
  readonly env: Host["env"];
  /** Reads a file; undefined if it does not exist. @throws UsageError if it can't be read */
  readonly readText: (path: string) => Promise<string | undefined>;
  readonly transport: Transport;
  /** Prints instructions for the user. */
  readonly say: (lines: readonly string[]) => Promise<void>;
  readonly browser: LoginBrowser;
}

/** The user's browser on this machine. */
export interface LoginBrowser extends Pick<Host, "serveLoopback" | "randomBytes"> {
  /** Opens a page. Resolves to false if no browser can be started or seen. */
  readonly open: (url: string) => Promise<boolean>;
}

/** The result of a sign-in. */
export interface LoginResult {
  readonly credential: Credential;
  /** The base URL, if the method found it. */
  readonly url?: URL;
  /** The file or variable with the URL, for a message. */
  readonly found?: string;
}

/** A file with the sign-ins of a platform's own tools. tokctl only reads it. */
export interface PlatformLoginFile {
  /** Returns the paths that the tools read, in their order. */
  paths(env: Host["env"]): readonly string[];
  /**
   * Parses the sign-ins. Returns none for a file in another format.
   * @throws UsageError for a sign-in that can't be imported.
   */
  parse(text: string): Promise<readonly PlatformLogin[]>;
}

/** A sign-in to import as a profile of that name. */
export interface PlatformLogin {
  readonly name: string;
  readonly url: URL;
  readonly credential: Credential;
}

/** Answers by option: a `Secret` for a secret field, else text. */
export type LoginAnswers = Readonly<Record<string, Secret | string>>;

/** Returns the answer to a secret field. @throws Error if it is missing */
export function secretAnswer(answers: LoginAnswers, { option }: LoginField): Secret {
  const answer = answers[option];
  if (answer instanceof Secret) return answer;
  throw new Error(`${option} has no secret answer`);
}

/** Returns the answer to a text field. @throws Error if it is missing */
export function textAnswer(answers: LoginAnswers, { option }: LoginField): string {
  const answer = answers[option];
  if (typeof answer === "string") return answer;
  throw new Error(`${option} has no text answer`);
}

/** Returns the login method of an API that accepts an existing token. */
export function createTokenLogin(title: string): LoginMethod {
  const field = { option: "app-token-file", title, isSecret: true, isToken: true };
  return {
    id: "token",
    title,
    fields: [field],
    signIn: async ({ answers }) => ({
      credential: { kind: "token", token: secretAnswer(answers, field) },
    }),
  };
}
