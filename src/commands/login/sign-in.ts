import type { Connection } from "../../core/connection.ts";
import type { Credential } from "../../core/credential.ts";
import { fetchIdentity, type Identity } from "../../core/identity.ts";
import type { LoginAnswers, LoginMethod } from "../../core/login-method.ts";
import type { Profile } from "../../core/profile.ts";
import type { Provider } from "../../core/provider.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import { CliError, InterruptedError } from "../../errors.ts";
import type { Session } from "../../session/session.ts";
import type { SignInTarget } from "../../session/sign-in.ts";
import {
  askMissingAnswers,
  askMissingTarget,
  type CompleteAnswers,
  maxRepeats,
} from "./questions.ts";

export interface SignInRequest {
  readonly provider: Provider;
  readonly method: LoginMethod;
  /** The target as far as options, environment and profile set it. */
  readonly resolved: SignInTarget;
  /** The answers that options give. */
  readonly given: LoginAnswers;
  /** The existing profile of the same provider. */
  readonly previous: Profile | undefined;
}

export interface SignedIn {
  readonly url: URL;
  readonly projectRefs: SignInTarget["projectRefs"];
  readonly answers: LoginAnswers;
  readonly credential: Credential;
  readonly identity: Identity;
  /** Null if the request failed for another reason than 403. */
  readonly canListTokens: boolean | null;
  /** The file or variables that the keys were found in. */
  readonly foundIn: string | undefined;
}

type Target = Pick<SignInTarget, "url" | "projectRefs">;

/**
 * Signs in and verifies the credential with a request. At a terminal, asks for missing values, and
 * asks again for a URL or secret that was typed and failed.
 * @throws CliError of the last attempt, UsageError for a missing value off a terminal.
 */
export async function signInAndVerify(
  session: Session,
  { provider, method, resolved, given, previous }: SignInRequest,
): Promise<SignedIn> {
  const { allowHttp } = resolved;
  let target: Target = resolved;
  let complete: CompleteAnswers | undefined;
  for (let repeatsLeft = maxRepeats; ; repeatsLeft--) {
    target = await askMissingTarget(session, provider, method, { ...target, allowHttp });
    complete ??= await askMissingAnswers(session, method, given, previous);
    try {
      return await attempt(session, provider, method, resolved, target, complete.answers);
    } catch (error) {
      if (!(error instanceof CliError) || !session.prompter.interactive || repeatsLeft === 0)
        throw error;
      const isUrlWrong = !resolved.url && target.url && wrongUrlCodes.includes(error.code);
      const isSecretWrong = complete.typedFields.length > 0 && error.code === "unauthenticated";
      if (!isUrlWrong && !isSecretWrong) throw error;
      await session.say({ text: error.message, always: true });
      if (isUrlWrong) target = { ...target, url: undefined };
      else complete = undefined;
    }
  }
}

/** The codes of errors that a wrong base URL causes. */
const wrongUrlCodes: readonly string[] = ["network", "not_found", "server_error"];

async function attempt(
  session: Session,
  provider: Provider,
  method: LoginMethod,
  resolved: SignInTarget,
  target: Target,
  answers: LoginAnswers,
): Promise<SignedIn> {
  const { projectRefs } = target;
  const login = await session.signIn.run(method, { ...target, answers }, resolved);
  const url = target.url ?? login.url;
  if (!url) throw new Error(`${method.id} returned no base URL`);
  let { credential } = login;
  const replaceCredential: Connection["replaceCredential"] = async (renew) => {
    credential = await renew(credential);
    return credential;
  };
  const { region } = resolved;
  const connection = { url, projectRefs, region, credential, replaceCredential };
  const tokens = await session.signIn.connect(provider, connection, resolved);
  const identity = await fetchIdentity(tokens);
  const canListTokens = await tryListing(tokens);
  // Read last: the requests may have refreshed the credential.
  return { url, projectRefs, answers, credential, identity, canListTokens, foundIn: login.found };
}

async function tryListing(tokens: TokenProvider): Promise<boolean | null> {
  try {
    await (tokens.tryList?.() ?? tokens.list());
    return true;
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return error.code === "forbidden" ? false : null;
  }
}
