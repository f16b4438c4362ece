import type { TokenProvider } from "../core/provider.ts";
import type { IssuedToken } from "../core/token.ts";
import type { Open, Session } from "../session/session.ts";
import type { PendingOperation } from "./pending-operation.ts";

/** What can be done with a token whose secret nobody has. */
export const remedies = ["revoke", "renew", "keep"] as const;

export type Remedy = (typeof remedies)[number];

/** A secret that was made. */
export interface IssuedSecret {
  readonly issued: IssuedToken;
  /** What is to be said of how it came about. */
  readonly said: readonly string[];
  /** To be told when the secret is handed over, and when that is done. */
  readonly entry: Open;
}

/** A secret that is being made. */
export interface PendingSecret {
  readonly session: Session;
  readonly tokens: TokenProvider;
  readonly attempt: PendingOperation;
  readonly entry: Open;
  readonly remedy: Remedy | undefined;
}
