import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { createJwtSigner } from "../jwt-signer.ts";
import type { AuthorizationServer } from "../oauth2/index.ts";

const LIFETIME_SECONDS = 300;

const OsmoJwtClaims = v.object({
  unique_name: v.string(),
  roles: v.array(v.string()),
  /** Absent from the JWT of the bootstrap credential, which is not a token. */
  osmo_token_name: v.optional(v.string()),
  exp: v.number(),
});

/** User, roles and access token in a JWT of the service. */
export type OsmoJwtClaims = v.InferOutput<typeof OsmoJwtClaims>;

/**
 * Issues and verifies the JWTs that the service exchanges for access tokens. They expire after 300
 * seconds.
 */
export interface OsmoJwts {
  issue(subject: Omit<OsmoJwtClaims, "exp">): Promise<{ token: string; expires_at: number }>;
  /** Returns the claims of a JWT of this service, even if it has expired. */
  read(jwt: string): OsmoJwtClaims | undefined;
}

/** Issuers of the JWTs that the gateway accepts. */
export interface JwtIssuers {
  /** The service, which exchanges access tokens for JWTs. */
  readonly exchange: OsmoJwts;
  /** The identity provider that users sign in with. Undefined in developer mode. */
  readonly provider?: AuthorizationServer | undefined;
}

/** Returns the JWT issuer of one service. */
export function createOsmoJwts({ now, createSigningKeys }: SandboxRuntime): OsmoJwts {
  const signer = createJwtSigner(createSigningKeys);

  return {
    async issue(subject) {
      const iat = Math.floor(now().getTime() / 1000);
      const exp = iat + LIFETIME_SECONDS;
      const claims = { iss: "osmo", aud: "osmo", iat, nbf: iat, exp, ...subject };
      return { token: await signer.sign(claims), expires_at: exp };
    },

    read(jwt) {
      const { success, output } = v.safeParse(OsmoJwtClaims, signer.verify(jwt));
      return success ? output : undefined;
    },
  };
}
