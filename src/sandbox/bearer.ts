import type { Context } from "hono";

/** The credential of an `Authorization: Bearer` header, if the request has one. */
export function bearerCredential(c: Context): string | undefined {
  return /^Bearer +(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
}
