import { relateToRequest } from "../core/server-clock.ts";
import { compareTimestamps } from "../core/time.ts";
import type { Token } from "../core/token.ts";
import type { PendingCreate } from "../journal/pending-operation.ts";
import type { ClassificationContext, OperationState } from "./classify.ts";

/**
 * Classifies a token that a command was to delete at its end. The state is `superseded` if a later
 * secret of the token was delivered, or if another client created the token again.
 */
export function classifyEphemeral(
  { request }: PendingCreate,
  token: Token | undefined,
  { createdAt, delivered }: Pick<ClassificationContext, "createdAt" | "delivered">,
): OperationState {
  if (!token) return { kind: "missing" };
  const isSuperseded =
    relateToRequest(createdAt(token), request) === "after" ||
    delivered.some(({ id, at }) => id === token.id && compareTimestamps(at, request.sentAt) > 0);
  return isSuperseded ? { kind: "superseded", token } : { kind: "applied", tokens: [token] };
}
