import { fetchIdentity } from "../core/lookup.ts";
import type { TokenProvider } from "../core/provider.ts";
import { CliError } from "../errors.ts";
import { type Check, type CheckResult, createRecord } from "./check.ts";
import { checkConnectivity } from "./connectivity.ts";
import type { DoctorContext } from "./context.ts";
import { checkLocal } from "./local-checks.ts";

/** Looks at everything between the person and the API, from the near to the far. */
export async function examine(patient: DoctorContext): Promise<readonly Check[]> {
  const { checks, examine } = createRecord();
  await checkLocal(patient, examine);
  const url = await examine("settings", async () => {
    const said = (await patient.settings()).filter(({ value }) => value !== null);
    const words = said.map(({ key, value, source }) => `${key} ${value} (${source})`);
    return { detail: words.join(", "), found: patient.url() };
  });
  const credential = await examine(
    "credential",
    url &&
      (async () => {
        const { credential, source } = await patient.credential();
        return { detail: `${credential.kind} (${source})`, found: credential };
      }),
  );
  const reached = await checkConnectivity(patient, url, examine);
  const tokens = await examine(
    "whoami",
    reached &&
      credential &&
      (async () => {
        const tokens = await patient.tokens();
        const { name, kind, roles } = await fetchIdentity(tokens);
        const role = roles.length === 0 ? "" : `: ${roles.join(", ")}`;
        return { detail: `${name ?? "nameless"} (${kind})${role}`, found: tokens };
      }),
  );
  await examine("tokens", tokens && (() => tryToList(tokens)));
  return checks;
}

/** @throws CliError for every refusal but a 403, with which the rest still works. */
async function tryToList(tokens: TokenProvider): Promise<CheckResult<true>> {
  try {
    await (tokens.tryList?.() ?? tokens.list());
    return { detail: "can be listed", found: true };
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "forbidden") throw error;
    return {
      detail: "can't be listed (403 Forbidden)",
      hint: "Token commands will fail. Sign in with a credential that may manage tokens: tokctl login",
      found: true,
    };
  }
}
