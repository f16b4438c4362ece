import * as v from "valibot";
import { SecretText, Time } from "../../http/schemas.ts";

const common = {
  id: v.pipe(v.string(), v.minLength(1)),
  createdAt: v.nullish(Time),
  groups: v.array(v.string()),
  resource: v.string(),
};

export const TokenBody = v.object(common);
export type TokenBody = v.InferOutput<typeof TokenBody>;

/** The reply to create and regenerate, the only ones that hold the value. */
export const IssuedBody = v.object({ ...common, token: SecretText });
export type IssuedBody = v.InferOutput<typeof IssuedBody>;
