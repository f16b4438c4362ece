import type { TokenProvider } from "../core/provider.ts";
import type { IssuedToken } from "../core/token.ts";
import type { Context, Open } from "../session/session.ts";
import type { Attempt } from "./pending-operation.ts";

/** What can be done with a token whose secret nobody has. */
export const remedies = ["revoke", "renew", "keep"] as const;

export type Remedy = (typeof remedies)[number];

/** A secret that was made. */
export interface Made {
  readonly issued: IssuedToken;
  /** What is to be said of how it came about. */
  readonly said: readonly string[];
  /** To be told when the secret is handed over, and when that is done. */
  readonly entry: Open;
}

/** A secret that is being made. */
export interface Making {
  readonly context: Context;
  readonly tokens: TokenProvider;
  readonly attempt: Attempt;
  readonly entry: Open;
  readonly remedy: Remedy | undefined;
}
