import * as v from "valibot";
import { Secret } from "../core/secret.ts";
import type { StoredCredential } from "./credential-file.ts";
import { BrokenFileError, parseJsonObject } from "./json-file.ts";

const Text = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/));
const Hidden = v.pipe(
  Text,
  v.transform((text) => new Secret(text)),
);
const url = v.pipe(v.string(), v.url());
const origin = url;

/** A credential as its file holds it. */
const Stored = v.pipe(
  v.variant("kind", [
    v.object({ origin, kind: v.literal("token"), token: Hidden }),
    v.object({ origin, kind: v.literal("user"), user: Text }),
    v.object({
      origin,
      kind: v.literal("application"),
      applicationKey: Text,
      applicationSecret: Hidden,
      consumerKey: Hidden,
    }),
    v.object({
      origin,
      kind: v.literal("oauth"),
      grant: v.picklist(["refresh_token", "client_credentials"]),
      tokenUrl: url,
      clientId: Text,
      clientSecret: v.optional(Hidden),
      refreshToken: v.optional(Hidden),
      scope: v.optional(v.string()),
      accessToken: v.optional(Hidden),
      expiresAt: v.optional(v.string()),
    }),
  ]),
  v.transform(({ origin, ...credential }): StoredCredential => ({ origin, credential })),
);

/** @throws BrokenFileError naming the line or the key, never what stands there. */
export function parseStored(text: string, path: string): StoredCredential {
  const result = v.safeParse(Stored, parseJsonObject(text, path));
  if (result.success) return result.output;
  throw new BrokenFileError(path, `its "${v.getDotPath(result.issues[0])}" is not as it should be`);
}

/** The one place, besides the output of a new secret, where secrets are written out. */
export function formatStored({ origin, credential }: StoredCredential): string {
  const plain = Object.entries(credential).map(([key, value]) => [
    key,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return `${JSON.stringify({ origin, ...Object.fromEntries(plain) }, null, 2)}\n`;
}
