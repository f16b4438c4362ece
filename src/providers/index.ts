import type { Provider } from "../core/provider.ts";
import { osmo } from "./osmo/index.ts";
import { ovhAi } from "./ovh-ai/index.ts";
import { ovhCloud } from "./ovh-cloud/index.ts";
import { ovhServing } from "./ovh-serving/index.ts";

/** All supported APIs, as plain data. `connect()` loads the code of one. */
export const providers: readonly Provider[] = [ovhAi, osmo, ovhCloud, ovhServing];

/** The fields of all sign-in methods. Each is an option of `tokctl login`. */
export const loginFields = providers.flatMap(({ logins }) =>
  logins.flatMap(({ fields }) => fields),
);

/** Options for the path of a file with a secret, without the dashes. */
export const secretOptions = [
  "key-file",
  ...loginFields.flatMap(({ option, isSecret }) => (isSecret ? option : [])),
];
