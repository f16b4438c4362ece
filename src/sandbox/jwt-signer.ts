import { generateKeyPair, sign, verify } from "node:crypto";
import { promisify } from "node:util";
import type { SigningKeys } from "./api.ts";

const algorithm = "RSA-SHA256";

/**
 * Signs and verifies RS256 JWTs with one key pair.
 * @see https://www.rfc-editor.org/rfc/rfc7515
 * @see https://www.rfc-editor.org/rfc/rfc7519
 */
export interface JwtSigner {
  /** Returns a JWT with these claims. @param type the `typ` header (default: JWT) */
  sign(claims: object, type?: string): Promise<string>;
  /**
   * Returns the claims of a JWT, even if it has expired. Returns undefined if the signature is
   * invalid.
   */
  verify(jwt: string): unknown;
}

/** Returns a signer that creates its keys on first use, since most sandboxes sign no JWT. */
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
      const signature = sign(algorithm, Buffer.from(content), keys.privateKey);
      return `${content}.${signature.toString("base64url")}`;
    },

    verify(jwt) {
      const [header, payload, signature, ...rest] = jwt.split(".");
      if (!keys || payload === undefined || signature === undefined || rest.length > 0)
        return undefined;
      const content = Buffer.from(`${header}.${payload}`);
      if (!verify(algorithm, content, keys.publicKey, Buffer.from(signature, "base64url")))
        return undefined;
      return JSON.parse(Buffer.from(payload, "base64url").toString());
    },
  };
}

/**
 * Creates an RSA key pair of 2048 bits, the minimum for RS256.
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.3
 */
export const createSigningKeys = (): Promise<SigningKeys> =>
  promisify(generateKeyPair)("rsa", { modulusLength: 2048 });

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
