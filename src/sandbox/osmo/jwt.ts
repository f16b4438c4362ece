import * as v from "valibot";
import type { SandboxRuntime } from "../api.ts";
import { createJwtSigner } from "../jwt.ts";

const LIFETIME_SECONDS = 300;

const OsmoJwtClaims = v.object({
  unique_name: v.string(),
  roles: v.array(v.string()),
  /** Absent from the JWT of the bootstrap credential, which is no token. */
  osmo_token_name: v.optional(v.string()),
  exp: v.number(),
});

/** Whom a JWT names, with which roles, by which access token. */
export type OsmoJwtClaims = v.InferOutput<typeof OsmoJwtClaims>;

/** The JWTs a service gives for access tokens, which speak for their holder for 300 seconds. */
export interface OsmoJwts {
  issue(subject: Omit<OsmoJwtClaims, "exp">): Promise<{ token: string; expires_at: number }>;
  /** The claims of a JWT of this service, expired or not. */
  read(jwt: string): OsmoJwtClaims | undefined;
}

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
