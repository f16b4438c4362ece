import { fetchIdentity } from "../core/identity.ts";
import type { TokenProvider } from "../core/token-provider.ts";
import { CliError } from "../errors.ts";
import { describeSettings } from "../session/profile-settings.ts";
import { unwrap } from "../session/target/target.ts";
import {
  type CheckResult,
  createCheckRunner,
  type DoctorCheck,
  type DoctorContext,
} from "./check-runner.ts";
import { runConnectivityChecks } from "./connectivity-checks.ts";
import { runLocalChecks } from "./local-checks.ts";

/**
 * Runs all checks of `tokctl doctor`: local files, settings, connection, credential, tokens.
 * @throws InterruptedError on Ctrl+C or a signal; other errors become failed checks.
 */
export async function runChecks(context: DoctorContext): Promise<readonly DoctorCheck[]> {
  const { checks, runCheck } = createCheckRunner();
  await runLocalChecks(context, runCheck);
  const url = await runCheck("settings", async () => {
    const { target, credentials } = context;
    const rows = await describeSettings(target, async () => undefined, credentials);
    const given = rows.filter(({ value }) => value !== null);
    const settings = given.map(({ key, value, source }) => `${key} ${value} (${source})`);
    return { detail: settings.join(", "), value: unwrap(target.baseUrl).value };
  });
  const credential = await runCheck(
    "credential",
    url &&
      (async () => {
        const { credential, source } = await context.credential();
        return { detail: `${credential.kind} (${source})`, value: credential };
      }),
  );
  const isConnected = await runConnectivityChecks(context, url, runCheck);
  const tokens = await runCheck(
    "whoami",
    isConnected &&
      credential &&
      (async () => {
        const tokens = await context.reconnect();
        const { name, kind, roles } = await fetchIdentity(tokens);
        const role = roles.length === 0 ? "" : `: ${roles.join(", ")}`;
        return { detail: `${name ?? "unnamed"} (${kind})${role}`, value: tokens };
      }),
  );
  await runCheck("tokens", tokens && (() => checkTokenList(tokens)));
  return checks;
}

/**
 * Checks that the credential can list tokens. A 403 is a warning, because other commands may still
 * work.
 * @throws CliError for every other failure.
 */
async function checkTokenList(tokens: TokenProvider): Promise<CheckResult<true>> {
  try {
    await (tokens.tryList?.() ?? tokens.list());
    return { detail: "the credential can list tokens", value: true };
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "forbidden") throw error;
    return {
      detail: "the credential cannot list tokens (403 Forbidden)",
      hint: "Token commands will fail. Sign in with a credential that can manage tokens: tokctl login",
      value: true,
    };
  }
}
