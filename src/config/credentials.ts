import { Secret } from "../core/secret.ts";
import { UnauthenticatedError, UsageError } from "../errors.ts";
import type { Host, Source } from "../host.ts";

/** How a credential was given on the command line. */
export interface CredentialOptions {
  readonly appToken?: string | undefined;
  readonly appTokenFile?: string | undefined;
}

/** No token is longer; a file or stream that is holds something else. */
const maximumBytes = 64 * 1024;

/**
 * The credential for a call to `url`. One from a flag goes wherever the call goes; one from the
 * environment only to the origin that the environment itself names.
 * @throws UsageError for one that can't be read or sent, UnauthenticatedError if there is none.
 */
export async function resolveCredential(
  { appToken, appTokenFile }: CredentialOptions,
  { env, stdin, readFile }: Pick<Host, "env" | "stdin" | "readFile">,
  url: URL,
  urlOfEnvironment: () => URL | undefined,
): Promise<Secret> {
  if (appToken !== undefined && appTokenFile !== undefined)
    throw new UsageError("--app-token and --app-token-file both give a credential.", {
      hint: "Give one of them; a file or stdin keeps it out of the process list.",
    });
  if (appToken !== undefined) return toSecret(appToken, "--app-token");
  if (appTokenFile === "-") return toSecret(await readStdin(stdin), "stdin");
  if (appTokenFile !== undefined)
    return toSecret(
      await readText(readFile(appTokenFile), `--app-token-file ${appTokenFile}`),
      `--app-token-file ${appTokenFile}`,
    );
  return fromEnvironment(env["TOKCTL_APP_TOKEN"], url, urlOfEnvironment);
}

function fromEnvironment(
  value: string | undefined,
  url: URL,
  urlOfEnvironment: () => URL | undefined,
): Secret {
  const hint =
    "Pass one with --app-token-file FILE (- is stdin), or set TOKCTL_APP_TOKEN along with TOKCTL_URL.";
  if (!value) throw new UnauthenticatedError(`There is no credential for ${url.origin}.`, { hint });
  const home = urlOfEnvironment();
  if (home?.origin !== url.origin)
    throw new UnauthenticatedError(
      home
        ? `TOKCTL_APP_TOKEN is for ${home.origin} and is not sent to ${url.origin}.`
        : `TOKCTL_APP_TOKEN is not sent to ${url.origin}: the environment does not say that it belongs there.`,
      { hint },
    );
  return toSecret(value, "TOKCTL_APP_TOKEN");
}

function readStdin(stdin: Source): Promise<string> {
  if (stdin.isTTY)
    throw new UsageError(
      "--app-token-file - reads stdin, which is a terminal that would show the token.",
      {
        hint: "Pipe the token in, or name a file.",
      },
    );
  return readText(stdin, "stdin");
}

async function readText(source: Source, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of source) {
      size += chunk.length;
      if (size > maximumBytes)
        throw new UsageError(`${name} holds more than 64 KiB: that is no token.`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    throw new UsageError(`${name} can't be read (${code}).`, {
      hint: "Check the path and its permissions.",
      cause: error,
    });
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A header can carry only visible ASCII; the message must not show what was given. */
function toSecret(text: string, source: string): Secret {
  const value = text.trim();
  if (value === "") throw new UsageError(`${source} is empty: there is no token in it.`);
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new UsageError(
      `${source} is not a token: it holds spaces, line breaks or other characters that no token has.`,
    );
  return new Secret(value);
}
