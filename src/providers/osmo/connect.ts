import type { Connection } from "../../core/connection.ts";
import { toIdentity } from "../../core/identity.ts";
import type { Provider } from "../../core/provider.ts";
import type { IssuedToken, Token, TokenSpec } from "../../core/token.ts";
import type { TokenProvider } from "../../core/token-provider.ts";
import { ConflictError } from "../../errors.ts";
import { openOsmoClient } from "./client.ts";
import { readOsmoProfile, withRoleHint } from "./errors.ts";
import {
  type RequestedExpiry,
  sendWithLatestExpiry,
  toPreviousExpiry,
  toRequestedExpiry,
  warnOfEarlierExpiry,
} from "./lifetime.ts";
import { renewByReplacement } from "./renew.ts";
import { removeProbes } from "./renewal-probe.ts";
import { createAndReadBack, tokenEndpoints } from "./tokens.ts";

/**
 * Connects to the token routes of an OSMO service.
 * @see https://nvidia.github.io/OSMO/
 */
export function connect(connection: Connection, provider: Provider): TokenProvider {
  const { transport, credential } = connection;
  const { now, warn, sleep, interrupt, budget } = transport;
  const { http, createUninterruptible, bearer } = openOsmoClient(connection);
  const endpointsOf = (owner: string | undefined) => tokenEndpoints(http, now, owner);
  const readProfile = () => readOsmoProfile(http);

  async function create(
    { name = "", roles, description, owner }: Omit<TokenSpec, "expiry">,
    expiry: RequestedExpiry,
    before?: readonly Token[],
  ): Promise<IssuedToken> {
    const endpoints = endpointsOf(owner);
    // Checked before the create, because creating an existing name causes a database error for all
    // users.
    const tokens = before ?? (await endpoints.list());
    if (tokens.some((token) => token.name === name))
      throw new ConflictError(`Token "${name}" already exists.`, {
        hint: `Create a new secret for it: tokctl token renew ${name}`,
      });
    const context = { endpoints, owner, now, warn };
    const { value: issued, date } = await withRoleHint(
      http,
      owner,
      sendWithLatestExpiry(expiry, now(), (expiresAt) =>
        createAndReadBack(context, { name, expiresAt, description, roles }),
      ),
    );
    if (expiry.option === undefined && date !== expiry.date) warnOfEarlierExpiry(warn, date);
    return issued;
  }

  return {
    list: (owner) => endpointsOf(owner).list(),
    validateSpec: ({ expiry }) => void toRequestedExpiry(expiry, now()),
    create: ({ expiry, ...spec }, before) => create(spec, toRequestedExpiry(expiry, now()), before),
    restore: (token, owner) =>
      create(
        {
          name: token.id,
          roles: token.roles,
          description: token.description ?? undefined,
          owner,
        },
        toPreviousExpiry(token.expiresAt, now()),
      ),
    async removeLeftovers({ id }, owner) {
      const endpoints = endpointsOf(owner);
      return removeProbes(endpoints, id, await endpoints.list());
    },
    renew(token, changes, owner) {
      // ^C must not interrupt between the deletion and the creation. The probe and the renewal use
      // separate clients, so that each starts with a new JWT.
      const endpoints = tokenEndpoints(createUninterruptible(), now, owner);
      const probe = {
        endpoints: tokenEndpoints(createUninterruptible(), now, owner),
        owner,
        now,
        randomBytes: transport.randomBytes,
        budget,
      };
      return withRoleHint(
        http,
        owner,
        renewByReplacement(
          { endpoints, probe, owner, now, warn, sleep, interrupt, budget },
          token,
          changes,
        ),
      );
    },
    delete: ({ id }, owner) => endpointsOf(owner).delete(id),
    roles: ({ id }, owner) => endpointsOf(owner).roles(id),
    async whoami() {
      const { profile, roles, pools, token } = await readProfile();
      return toIdentity(provider.id, connection, {
        name: profile.username,
        kind: credential.kind === "token" ? "app" : "user",
        roles,
        owner: profile.username,
        pools,
        defaultPool: profile.pool ?? null,
        tokenName: token?.name ?? null,
        expiresAt: token?.expires_at ?? null,
        expiryEnforcedBy: token?.expires_at ? "server" : null,
      });
    },
    bearer,
    async tokenInUse() {
      if (credential.kind === "user") return undefined;
      const { profile, token } = await readProfile();
      return token ? { name: token.name, owner: profile.username } : undefined;
    },
  };
}
