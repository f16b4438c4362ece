import { generateKeyPair, sign, verify } from "node:crypto";
import { promisify } from "node:util";
import type { SigningKeys } from "./api.ts";

const ALGORITHM = "RSA-SHA256";

/** Signs and checks RS256 JWTs (RFC 7515, RFC 7519) with one key. */
export interface JwtSigner {
  /** A JWT with these claims; `type` is its header's `typ`. */
  sign(claims: object, type?: string): Promise<string>;
  /** What a JWT of this key claims, expired or not; undefined for anything else. */
  verify(jwt: string): unknown;
}

/** A signer whose keys are made when first needed: most sandboxes never need them. */
export function createJwtSigner(
  createKeys: () => Promise<SigningKeys> = createSigningKeys,
): JwtSigner {
  let creating: Promise<SigningKeys> | undefined;
  let keys: SigningKeys | undefined;

  return {
    async sign(claims, type = "JWT") {
      creating ??= createKeys();
      keys = await creating;
      const content = `${encode({ alg: "RS256", typ: type })}.${encode(claims)}`;
      const signature = sign(ALGORITHM, Buffer.from(content), keys.privateKey);
      return `${content}.${signature.toString("base64url")}`;
    },

    verify(jwt) {
      const [header, payload, signature, ...rest] = jwt.split(".");
      if (!keys || payload === undefined || signature === undefined || rest.length > 0) {
        return undefined;
      }
      const content = Buffer.from(`${header}.${payload}`);
      if (!verify(ALGORITHM, content, keys.publicKey, Buffer.from(signature, "base64url"))) {
        return undefined;
      }
      return JSON.parse(Buffer.from(payload, "base64url").toString());
    },
  };
}

/** A new pair of the size that RS256 demands at least (RFC 7518 §3.3). */
export const createSigningKeys = (): Promise<SigningKeys> =>
  promisify(generateKeyPair)("rsa", { modulusLength: 2048 });

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
