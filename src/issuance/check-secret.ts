import { maskSecrets, type Secret } from "../core/secret.ts";
import { describeToken, type IssuedToken } from "../core/token.ts";
import { CliError, InterruptedError } from "../errors.ts";
import type { Session } from "../session/session.ts";

/** Checks of a new secret before it is delivered. */
export interface SecretChecks {
  /** A shell command that gets the secret in `checkVariable`, and must exit with 0. */
  readonly command: string | undefined;
  /** A URL that must respond with 2xx to a request with the secret as Bearer token. */
  readonly url: URL | undefined;
}

/** The environment variable with the secret for `SecretChecks.command`. */
export const checkVariable = "TOKEN";

/** Milliseconds to wait before each further request to the URL, because an endpoint may cache its tokens. */
const probePauses = [1000, 3000];

/** The lines of a command's output that an error shows. */
const shownLines = 5;

/** Checks a new secret. @throws CliError `partial` if a check fails; InterruptedError */
export async function checkSecret(
  session: Session,
  issued: IssuedToken,
  { command, url }: SecretChecks,
): Promise<void> {
  if (command !== undefined) await runCheck(session, issued, command);
  if (url) await probeUrl(session, issued, url);
}

async function runCheck({ host }: Session, issued: IssuedToken, command: string): Promise<void> {
  const variables = { [checkVariable]: issued.token.reveal() };
  const { code, output } = await host.pipe(command, "", variables);
  if (code === 0) return;
  const lines = maskSecrets(output.trim()).split(/\r?\n/).slice(-shownLines);
  throw new CliError(
    "partial",
    `--check failed for token ${describeToken(issued)}: exit code ${code}.`,
    { hint: lines.join("") === "" ? "The command printed nothing." : lines },
  );
}

async function probeUrl(session: Session, issued: IssuedToken, url: URL): Promise<void> {
  const credential = { kind: "token", token: issued.token } as const;
  const bearer: Secret =
    (await (await session.reconnect({ credential })).bearer?.()) ?? issued.token;
  for (const pause of [...probePauses, undefined]) {
    const problem = await findProblem(session, url, bearer);
    if (problem === undefined) return;
    if (pause !== undefined && (await session.clock.pause(pause))) continue;
    throw new CliError(
      "partial",
      `--check-url failed for token ${describeToken(issued)}: ${problem}`,
      { hint: `Check that the scope of the token includes ${url.href}` },
    );
  }
}

/** Returns why a URL does not accept a token; undefined if it does. */
async function findProblem(
  session: Session,
  url: URL,
  bearer: Secret,
): Promise<string | undefined> {
  try {
    const { status } = await session.probe(url, bearer);
    return status >= 200 && status < 300 ? undefined : `${url.href} responded with ${status}.`;
  } catch (error) {
    if (!(error instanceof CliError) || error instanceof InterruptedError) throw error;
    return error.message;
  }
}
