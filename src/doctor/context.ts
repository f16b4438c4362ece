import type { CredentialStore } from "../config/credential-store.ts";
import type { Profiles } from "../config/profiles.ts";
import type { Transport } from "../core/connection.ts";
import type { Provider, TokenProvider } from "../core/provider.ts";
import type { Host, Network } from "../host/host.ts";
import type { JournalContents } from "../issuance/journal/journal.ts";
import type { Certificates } from "../session/certificate-files.ts";
import type { ChosenCredential } from "../session/credential.ts";
import type { SettingRow } from "../session/describe-settings.ts";

/** What is examined. Everything throws what a command would end with. */
export interface DoctorContext {
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
