import type { Connection, Identity, TokenProvider } from "../../core/provider.ts";
import { ConflictError } from "../../errors.ts";
import { osmo } from "./index.ts";
import { issueToken } from "./issue.ts";
import { sendWithin, toEnding } from "./lifetime.ts";
import { renewToken } from "./renew.ts";
import { openSession } from "./session.ts";
import { tokenEndpoints } from "./tokens.ts";
import { ProfileBody } from "./wire.ts";

/** Speaks the token endpoints of an OSMO service. */
export function connect(connection: Connection): TokenProvider {
  const { url, transport, credential } = connection;
  const { now, warn, sleep, interrupt } = transport;
  const { http, steady, bearer } = openSession(connection);
  const endpointsOf = (owner: string | undefined) => tokenEndpoints(http, now, owner);
  const readProfile = () => http.request("GET /api/profile/settings", ProfileBody);

  return {
    list: (owner) => endpointsOf(owner).list(),
    check: ({ expiry }) => void toEnding(expiry, now()),
    async create({ name = "", roles, description, expiry, owner }, before) {
      const endpoints = endpointsOf(owner);
      const ending = toEnding(expiry, now());
      // Creating a name that exists disturbs the service for everybody: it is looked for first.
      const tokens = before ?? (await endpoints.list());
      if (tokens.some((token) => token.name === name))
        throw new ConflictError(`${osmo.title} has a token "${name}" already.`, {
          hint: `tokctl token renew ${name} gives it a new secret.`,
        });
      const issuing = { endpoints, owner, now, warn };
      const { value: issued, date } = await sendWithin(ending, now(), (expiresAt) =>
        issueToken(issuing, { name, expiresAt, description, roles }),
      );
      if (expiry === undefined && date !== ending.date)
        warn({
          text: `The token expires on ${date}: this service allows no longer.`,
          always: true,
        });
      return issued;
    },
    renew(token, changes, owner) {
      // Between deleting and creating again nothing of the token is left: ^C must wait.
      const endpoints = tokenEndpoints(steady, now, owner);
      const availableRoles = async () =>
        owner === undefined ? (await readProfile()).roles : undefined;
      return renewToken(
        { endpoints, owner, now, warn, sleep, interrupt, availableRoles },
        token,
        changes,
      );
    },
    delete: ({ id }, owner) => endpointsOf(owner).delete(id),
    roles: ({ id }, owner) => endpointsOf(owner).roles(id),
    async whoami(): Promise<Identity> {
      const { profile, roles, pools, token } = await readProfile();
      return {
        provider: osmo.id,
        url: url.href.replace(/\/$/, ""),
        name: profile.username,
        kind: credential.kind === "token" ? "app" : "user",
        roles,
        project: null,
        owner: profile.username,
        pools,
        defaultPool: profile.pool ?? null,
        tokenName: token?.name ?? null,
        expiresAt: token?.expires_at ?? null,
      };
    },
    bearer,
    async tokenInUse() {
      if (credential.kind === "user") return undefined;
      const { profile, token } = await readProfile();
      return token ? { name: token.name, owner: profile.username } : undefined;
    },
  };
}
