import * as v from "valibot";
import type { Credential } from "../core/credential.ts";
import { Secret } from "../core/secret.ts";
import { visibleAscii } from "../core/text.ts";
import { BrokenFileError, type JsonObject, parseJsonObject } from "./json-file.ts";

/** A stored credential, and the origin of its sign-in. It is sent only to that origin. */
export interface StoredCredential {
  readonly credential: Credential;
  readonly origin: string;
}

/** The content of a credential file if the credential is in the keychain: the name of its entry. */
export interface KeychainPointer {
  readonly store: "keychain";
  readonly entry: string;
}

const Text = v.pipe(v.string(), v.regex(visibleAscii));
const SecretValue = v.pipe(
  Text,
  v.transform((text) => new Secret(text)),
);
const url = v.pipe(v.string(), v.url());
const origin = url;

/** A credential in a file or in the keychain. */
const Stored = v.pipe(
  v.variant("kind", [
    v.object({ origin, kind: v.literal("token"), token: SecretValue }),
    v.object({ origin, kind: v.literal("user"), user: Text }),
    v.object({
      origin,
      kind: v.literal("application"),
      applicationKey: Text,
      applicationSecret: SecretValue,
      consumerKey: SecretValue,
    }),
    v.object({
      origin,
      kind: v.literal("oauth"),
      grant: v.picklist(["refresh_token", "client_credentials"]),
      tokenUrl: url,
      clientId: Text,
      clientSecret: v.optional(SecretValue),
      refreshToken: v.optional(SecretValue),
      scope: v.optional(v.string()),
      accessToken: v.optional(SecretValue),
      expiresAt: v.optional(v.string()),
    }),
  ]),
  v.transform(({ origin, ...credential }): StoredCredential => ({ origin, credential })),
);

const Pointer = v.object({ store: v.literal("keychain"), entry: v.pipe(v.string(), v.nonEmpty()) });

/**
 * Parses a credential file.
 * @throws BrokenFileError with the line or the key, never with the content
 */
export function parseCredentialFile(
  text: string,
  path: string,
): StoredCredential | KeychainPointer {
  const object = parseJsonObject(text, path);
  return "store" in object ? check(Pointer, object, path) : check(Stored, object, path);
}

/** Parses the text of a keychain entry. @throws BrokenFileError as for a file */
export const parseKeychainEntry = (text: string, name: string): StoredCredential =>
  check(Stored, parseJsonObject(text, name), name);

function check<T>(schema: v.GenericSchema<unknown, T>, object: JsonObject, path: string): T {
  const result = v.safeParse(schema, object);
  if (result.success) return result.output;
  throw new BrokenFileError(path, `its "${v.getDotPath(result.issues[0])}" is missing or invalid`);
}

/** Formats a credential with its secrets, for a file or the keychain. */
export function formatCredential({ origin, credential }: StoredCredential): string {
  const plain = Object.entries(credential).map(([key, value]) => [
    key,
    value instanceof Secret ? value.reveal() : value,
  ]);
  return `${JSON.stringify({ origin, ...Object.fromEntries(plain) }, null, 2)}\n`;
}

/** Formats the content of a credential file that refers to the keychain. */
export const formatKeychainPointer = (pointer: KeychainPointer): string =>
  `${JSON.stringify(pointer, null, 2)}\n`;
