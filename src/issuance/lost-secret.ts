import type { TokenProvider } from "../core/provider.ts";
import type { IssuedToken } from "../core/token.ts";
import type { OpenEntry, Session } from "../session/session.ts";
import type { PendingOperation } from "./pending-operation.ts";

/** What can be done with a token whose secret nobody has. */
export const lostSecretActions = ["revoke", "renew", "keep"] as const;

export type LostSecretAction = (typeof lostSecretActions)[number];

/** A secret that was made. */
export interface IssuedSecret {
  readonly issued: IssuedToken;
  /** What is to be said of how it came about. */
  readonly said: readonly string[];
  /** To be told when the secret is handed over, and when that is done. */
  readonly entry: OpenEntry;
}

/** A secret that is being made. */
export interface PendingSecret {
  readonly session: Session;
  readonly tokens: TokenProvider;
  readonly attempt: PendingOperation;
  readonly entry: OpenEntry;
  readonly remedy: LostSecretAction | undefined;
}
