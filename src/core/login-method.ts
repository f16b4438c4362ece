import type { Host } from "../host/host.ts";
import type { Connection, Transport } from "./connection.ts";
import type { Credential } from "./credential.ts";
import { Secret } from "./secret.ts";

/** One way to sign in: what is asked for, as plain data, and how a credential comes of it. */
export interface LoginMethod {
  /** As `--method` takes it. */
  readonly id: string;
  readonly title: string;
  /** What the person must say. */
  readonly fields: readonly LoginField[];
  /** It finds the address too, where nobody gave one. */
  readonly findsUrl?: boolean;
  /** Somebody must be there to answer a page: it is never chosen for want of another. */
  readonly isInteractive?: boolean;
  /** Comes by the credential. What it needs for that, it loads itself. */
  signIn(request: LoginRequest): Promise<LoginResult>;
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
  readonly isSecret: boolean;
  /** A secret that may be pasted with quotes, the name of a variable or a header. */
  readonly isToken?: boolean;
  /** A setting of the profile says it too, and keeps it. */
  readonly setting?: "clientId" | "oauthUrl";
  /** It is not asked for where nobody said it. */
  readonly isOptional?: boolean;
}

export interface LoginRequest {
  /** Known for every method that does not find it. */
  readonly url: URL | undefined;
  readonly projectRefs: Connection["projectRefs"];
  /** What was said, by the option of the field: each that is not optional is there. */
  readonly answers: LoginAnswers;
  readonly env: Host["env"];
  /** The text of a file; undefined if there is none. @throws UsageError if it can't be read. */
  readonly readText: (path: string) => Promise<string | undefined>;
  readonly transport: Transport;
  /** Tells the person what to do. */
  readonly say: (lines: readonly string[]) => Promise<void>;
  readonly browser: LoginBrowser;
}

/** The person's browser on this machine. */
export interface LoginBrowser extends Pick<Host, "serveLoopback" | "randomBytes"> {
  /** False where none can be started, or nobody would see it. */
  readonly open: (url: string) => Promise<boolean>;
}

/** What signing in leads to. */
export interface LoginResult {
  readonly credential: Credential;
  /** Where it is good, if nobody had said so. */
  readonly url?: URL;
  /** Where it was found, for people. */
  readonly found?: string;
}

/** A file of a platform's own tools. It is read, and never changed. */
export interface PlatformLoginFile {
  /** Where those tools look for it, the first place first. */
  paths(env: Host["env"]): readonly string[];
  /**
   * The sign-ins in such a file; none if it is a file of another kind.
   * @throws UsageError for one that can't be taken over.
   */
  parse(text: string): Promise<readonly PlatformLogin[]>;
}

/** A sign-in for a profile of that name. */
export interface PlatformLogin {
  readonly name: string;
  readonly url: URL;
  readonly credential: Credential;
}

/** What was said to a field: a secret prints as •••, anything else is text that may be shown. */
export type LoginAnswers = Readonly<Record<string, Secret | string>>;

/** @throws Error for a field that was not asked for, or is no secret. */
export function secretAnswer(answers: LoginAnswers, { option }: LoginField): Secret {
  const answer = answers[option];
  if (answer instanceof Secret) return answer;
  throw new Error(`${option} was not asked for, or is no secret`);
}

/** @throws Error for a field that was not asked for, or is a secret. */
export function textAnswer(answers: LoginAnswers, { option }: LoginField): string {
  const answer = answers[option];
  if (typeof answer === "string") return answer;
  throw new Error(`${option} was not asked for, or is a secret`);
}

/** For an API that takes a ready token. */
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
