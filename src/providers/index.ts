import type { Provider } from "../core/provider.ts";
import { osmo } from "./osmo/index.ts";
import { ovhAi } from "./ovh-ai/index.ts";
import { ovhCloud } from "./ovh-cloud/index.ts";
import { ovhServing } from "./ovh-serving/index.ts";

const providersById = {
  "ovh-ai": ovhAi,
  osmo,
  "ovh-cloud": ovhCloud,
  "ovh-serving": ovhServing,
} as const satisfies Record<string, Provider>;

/** The ID of a supported API. */
export type ProviderId = keyof typeof providersById;

/** All supported APIs, as plain data. `connect()` loads the code of one. */
export const providers: readonly Provider[] = Object.values(providersById);

/** The IDs of all supported APIs. */
export const providerIds = Object.keys(providersById) as readonly ProviderId[];

/** The fields of all sign-in methods. Each is an option of `tokctl login`. */
export const loginFields = providers.flatMap(({ logins }) =>
  logins.flatMap(({ fields }) => fields),
);

/** Options for the path of a file with a secret, without the dashes. */
export const secretOptions = [
  "key-file",
  ...loginFields.flatMap(({ option, isSecret }) => (isSecret ? option : [])),
];
