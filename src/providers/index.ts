import type { Provider } from "../core/provider.ts";
import { osmo } from "./osmo/index.ts";
import { ovhAi } from "./ovh-ai/index.ts";
import { ovhCloud } from "./ovh-cloud/index.ts";
import { ovhServing } from "./ovh-serving/index.ts";

/** Every API that tokctl speaks. Plain data: an API's own code loads when it connects. */
export const providers: readonly Provider[] = [ovhAi, osmo, ovhCloud, ovhServing];

/** What can be asked for at a login, over all providers: each is an option. */
export const loginFields = providers.flatMap(({ logins }) =>
  logins.flatMap(({ fields }) => fields),
);

/** The options, without their dashes, that name a file of a secret. */
export const secretOptions = [
  "key-file",
  ...loginFields.flatMap(({ option, isSecret }) => (isSecret ? option : [])),
];
