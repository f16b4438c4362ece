import type { Credential, Provider } from "../core/provider.ts";
import { Secret } from "../core/secret.ts";
import { CliError, InterruptedError, UnauthenticatedError, UsageError } from "../errors.ts";
import type { Host, Source } from "../host.ts";
import { urlByEnvironment } from "./settings.ts";

/** How a credential was given on the command line. */
export interface CredentialOptions {
  readonly appToken?: string | undefined;
  readonly appTokenFile?: string | undefined;
  readonly userHeader?: string | undefined;
}

/** No token is longer; a file or stream that is holds something else. */
const maximumBytes = 64 * 1024;

/**
 * The credential for a call to `url`. One from a flag goes wherever the call goes; one from the
 * environment only to the origin that the environment itself names.
 * @throws UsageError for one that can't be read or sent, or several; UnauthenticatedError for none.
 */
export async function resolveCredential(
  options: CredentialOptions,
  { env, stdin, readFile, interrupt }: Pick<Host, "env" | "stdin" | "readFile" | "interrupt">,
  provider: Provider,
  url: URL,
): Promise<Credential> {
  const { appToken, appTokenFile: file, userHeader: user } = options;
  onlyOne({ "--app-token": appToken, "--app-token-file": file, "--user-header": user });
  if (user !== undefined) return toUser(user, "--user-header");
  if (appToken !== undefined) return toToken(appToken, "--app-token");
  if (file === "-") return toToken(await readStdin(stdin, interrupt), "stdin");
  if (file !== undefined) {
    const name = `--app-token-file ${file}`;
    return toToken(await readText(readFile(file), name, interrupt), name);
  }
  return fromEnvironment(env, provider, url);
}

function onlyOne(given: Readonly<Record<string, string | undefined>>): void {
  const names = Object.keys(given).filter((name) => given[name]);
  if (names.length > 1)
    throw new UsageError(`${names.join(" and ")} each say who is calling.`, {
      hint: "Give one of them.",
    });
}

function fromEnvironment(env: Host["env"], provider: Provider, url: URL): Credential {
  const { TOKCTL_APP_TOKEN: token, TOKCTL_USER_HEADER: header } = env;
  const user = provider.supports.userHeader ? header : undefined;
  onlyOne({ TOKCTL_APP_TOKEN: token, TOKCTL_USER_HEADER: user });
  const hint =
    "Pass one with --app-token-file FILE (- is stdin), or set TOKCTL_APP_TOKEN along with TOKCTL_URL.";
  const [name, value] = user ? ["TOKCTL_USER_HEADER", user] : ["TOKCTL_APP_TOKEN", token];
  const own = value ? undefined : provider.fromEnvironment?.(env);
  if (own && own.url.origin === url.origin) return own.credential;
  if (!value) throw new UnauthenticatedError(`There is no credential for ${url.origin}.`, { hint });
  const home = urlByEnvironment(provider, env);
  if (home?.origin !== url.origin)
    throw new UnauthenticatedError(
      home
        ? `${name} is for ${home.origin} and is not sent to ${url.origin}.`
        : `${name} is not sent to ${url.origin}: the environment does not say that it belongs there.`,
      { hint },
    );
  return user ? toUser(user, name) : toToken(value, name);
}

function readStdin(stdin: Source, interrupt: AbortSignal): Promise<string> {
  if (stdin.isTTY)
    throw new UsageError(
      "--app-token-file - reads stdin, which is a terminal that would show the token.",
      {
        hint: "Pipe the token in, or name a file.",
      },
    );
  return readText(stdin, "stdin", interrupt);
}

/** Reads a source to its end, unless that takes longer than somebody cares to wait. */
async function readText(source: Source, name: string, interrupt: AbortSignal): Promise<string> {
  const stopped = new Promise<never>((_, reject) => {
    const stop = () => reject(new InterruptedError(`Stopped while reading ${name}.`, interrupt));
    if (interrupt.aborted) stop();
    else interrupt.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([readToEnd(source, name), stopped]);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    throw new UsageError(`${name} can't be read (${code}).`, {
      hint: "Check the path and its permissions.",
      cause: error,
    });
  }
}

async function readToEnd(source: Source, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maximumBytes)
      throw new UsageError(`${name} holds more than 64 KiB: that is no token.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A header can carry only visible ASCII; the message must not show what was given. */
function toToken(text: string, source: string): Credential {
  const value = text.trim();
  if (value === "") throw new UsageError(`${source} is empty: there is no token in it.`);
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new UsageError(
      `${source} is not a token: it holds spaces, line breaks or other characters that no token has.`,
    );
  return { kind: "token", token: new Secret(value) };
}

function toUser(user: string, source: string): Credential {
  if (!/^[\x21-\x7e]+$/.test(user)) throw new UsageError(`${source} is no user's name.`);
  return { kind: "user", user };
}
