import { describeToken, type Token } from "../../../core/token.ts";
import type { Note } from "../../../output/view.ts";
import { expiresSoon } from "./views.ts";

/** Returns the messages about a renewed token. */
export const describeRenewal = (token: Token): readonly string[] => [
  `Renewed token ${describeToken(token)}. The previous secret no longer works.`,
  ...(token.expiresAt === null ? [] : [`It expires at ${token.expiresAt}.`]),
];

/** Returns a warning for an early expiry, because a renewal keeps the expiry by default. */
export const warnOfExpiry = (token: Token, now: Date): readonly Note[] =>
  expiresSoon(token, now)
    ? [
        {
          text: `warning: ${describeToken(token)} expires in less than 7 days, at ${token.expiresAt}. To set a later expiry, renew it with -e.`,
          always: true,
        },
      ]
    : [];
