import type { Surroundings } from "../api.ts";
import { digest } from "../store.ts";
import { addDays, formatDate } from "./dates.ts";
import { issueToken } from "./issue.ts";
import { addUser, newSecret, type Service } from "./store.ts";

/** The longest life of a token, in days, unless a service is set up otherwise. */
const defaultMaxDays = 365;

/** The service's own developer user, as whom the bootstrap credential authenticates. */
export const DEVELOPER = "testuser";

/** A fresh service with the users and the one token it starts with, and its bootstrap credential. */
export function createService(
  surroundings: Surroundings,
  maxDays = defaultMaxDays,
): {
  readonly service: Service;
  readonly bootstrap: string;
} {
  const bootstrap = newSecret(surroundings);
  const service: Service = {
    ...surroundings,
    users: new Map(),
    maxDays,
    bootstrapDigest: digest(bootstrap),
  };
  addUser(service, DEVELOPER, ["osmo-user", "osmo-admin"], DEVELOPER);
  addUser(service, "service-account@example.com", ["osmo-user"], DEVELOPER);
  addUser(service, "other-user@example.com", ["osmo-user"], DEVELOPER);
  // It may live longer than the service allows by now, as tokens do once the maximum was lowered.
  issueToken(
    { ...service, maxDays: defaultMaxDays },
    {
      owner: "other-user@example.com",
      name: "old-token",
      expiresAt: formatDate(addDays(service.now(), 31)),
      description: "",
      roles: undefined,
      by: DEVELOPER,
    },
  );
  return { service, bootstrap };
}
