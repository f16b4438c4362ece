import type { Connection } from "../../core/connection.ts";
import type { Provider } from "../../core/provider.ts";
import type { IssuedToken, Token, TokenSpec } from "../../core/token.ts";
import type { Identity, TokenProvider } from "../../core/token-provider.ts";
import { withoutTrailingSlash } from "../../core/url.ts";
import { ConflictError } from "../../errors.ts";
import { type Ending, endingAsItWas, sendWithin, toEnding } from "./lifetime.ts";
import { removeProbes } from "./probe.ts";
import { renewByReplacement } from "./renew.ts";
import { openOsmoClient } from "./session.ts";
import { issueToken, tokenEndpoints } from "./tokens.ts";
import { namingRoles, ProfileBody } from "./wire.ts";

/** Speaks the token endpoints of an OSMO service. */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { url, transport, credential } = connection;
  const { now, warn, sleep, interrupt, budget } = transport;
  const { http, steady, bearer } = openOsmoClient(connection);
  const endpointsOf = (owner: string | undefined) => tokenEndpoints(http, now, owner);
  const readProfile = () => http.request("GET /api/profile/settings", ProfileBody);

  async function create(
    { name = "", roles, description, owner }: Omit<TokenSpec, "expiry">,
    ending: Ending,
    before?: readonly Token[],
  ): Promise<IssuedToken> {
    const endpoints = endpointsOf(owner);
    // Creating a name that exists disturbs the service for everybody: it is looked for first.
    const tokens = before ?? (await endpoints.list());
    if (tokens.some((token) => token.name === name))
      throw new ConflictError(`${provider.title} has a token "${name}" already.`, {
        hint: `tokctl token renew ${name} gives it a new secret.`,
      });
    const issuing = { endpoints, owner, now, warn };
    const { value: issued, date } = await namingRoles(
      http,
      owner,
      sendWithin(ending, now(), (expiresAt) =>
        issueToken(issuing, { name, expiresAt, description, roles }),
      ),
    );
    if (ending.asked === undefined && date !== ending.date)
      warn({
        text: `warning: The token expires on ${date}, the latest date that this service allows.`,
        always: true,
      });
    return issued;
  }

  return {
    list: (owner) => endpointsOf(owner).list(),
    check: ({ expiry }) => void toEnding(expiry, now()),
    create: ({ expiry, ...spec }, before) => create(spec, toEnding(expiry, now()), before),
    restore: (token, owner) =>
      create(
        {
          name: token.id,
          roles: token.roles,
          description: token.description ?? undefined,
          owner,
        },
        endingAsItWas(token.expiresAt, now()),
      ),
    async removeLeftovers({ id }, owner) {
      const endpoints = endpointsOf(owner);
      return removeProbes(endpoints, id, await endpoints.list());
    },
    renew(token, changes, owner) {
      // Between deleting and creating again nothing of the token is left: ^C must wait.
      // Each with a sign-in of its own, which lasts for what it does.
      const endpoints = tokenEndpoints(steady(), now, owner);
      const probing = {
        endpoints: tokenEndpoints(steady(), now, owner),
        owner,
        now,
        randomBytes: transport.randomBytes,
        budget,
      };
      return namingRoles(
        http,
        owner,
        renewByReplacement(
          { endpoints, probing, owner, now, warn, sleep, interrupt, budget },
          token,
          changes,
        ),
      );
    },
    delete: ({ id }, owner) => endpointsOf(owner).delete(id),
    roles: ({ id }, owner) => endpointsOf(owner).roles(id),
    async whoami(): Promise<Identity> {
      const { profile, roles, pools, token } = await readProfile();
      return {
        provider: provider.id,
        url: withoutTrailingSlash(url),
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
