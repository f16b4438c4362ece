import type { Certificates } from "../config/certificate-files.ts";
import type { CredentialStore } from "../config/credential-store.ts";
import type { ChosenCredential } from "../config/credentials.ts";
import type { SettingRow } from "../config/describe.ts";
import type { JournalContents } from "../config/journal.ts";
import type { Profiles } from "../config/profiles.ts";
import { identify } from "../core/identify.ts";
import type { Provider, TokenProvider, Transport } from "../core/provider.ts";
import { CliError } from "../errors.ts";
import type { Host, Network } from "../host.ts";
import { type Check, createRecord, type Finding } from "./check.ts";
import { examineMachine } from "./machine.ts";
import { examineWay } from "./way.ts";

/** What is examined. Everything throws what a command would end with. */
export interface Patient {
  readonly host: Host;
  readonly folder: string | undefined;
  readonly profiles: Profiles;
  readonly credentials: CredentialStore;
  /** What earlier runs have left. */
  readonly journal: () => Promise<JournalContents>;
  /** The profile that is meant. */
  readonly profileName: () => string | undefined;
  /** What a call would use, but for the credential. */
  readonly settings: () => Promise<readonly SettingRow[]>;
  readonly provider: () => Provider;
  readonly url: () => URL;
  readonly credential: () => Promise<ChosenCredential>;
  readonly certificates: () => Certificates;
  readonly network: (certificates: Certificates) => Promise<Network>;
  readonly transport: (network: Network) => Transport;
  readonly tokens: () => Promise<TokenProvider>;
}

/** Looks at everything between the person and the API, from the near to the far. */
export async function examine(patient: Patient): Promise<readonly Check[]> {
  const { checks, examine } = createRecord();
  await examineMachine(patient, examine);
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
  const reached = await examineWay(patient, url, examine);
  const tokens = await examine(
    "whoami",
    reached &&
      credential &&
      (async () => {
        const tokens = await patient.tokens();
        const { name, kind, roles } = await identify(tokens);
        const role = roles.length === 0 ? "" : `: ${roles.join(", ")}`;
        return { detail: `${name ?? "nameless"} (${kind})${role}`, found: tokens };
      }),
  );
  await examine("tokens", tokens && (() => tryToList(tokens)));
  return checks;
}

/** @throws CliError for every refusal but a 403, with which the rest still works. */
async function tryToList(tokens: TokenProvider): Promise<Finding<true>> {
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
