import { formatExpiry } from "../../core/soft-expiry.ts";
import type { Token } from "../../core/token.ts";
import type { Field } from "../../output/view.ts";

/** The attributes of a token or a credential that describe its expiry. */
type Expiring = Pick<Token, "expiresAt" | "expiryEnforcedBy">;

/** Returns the expiry for a description: a time, or the day of a soft expiry. */
export const expiryFields = <T extends Expiring>({
  tone,
}: Pick<Field<T>, "tone"> = {}): readonly Field<T>[] => {
  const isSoft = ({ expiryEnforcedBy }: T) => expiryEnforcedBy === "client";
  const field = { key: "Expires at", ...(tone && { tone }) };
  return [
    { ...field, value: (item) => (isSoft(item) ? null : item.expiresAt), kind: "time" },
    { ...field, value: (item) => (isSoft(item) ? formatExpiry(item) : null) },
  ];
};
