import { UsageError } from "../../errors.ts";

/** What the service accepts as a token's name. */
export const nameRule = {
  pattern: /^[a-zA-Z]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/,
  words: "A name has letters, digits, _ and -, begins with a letter, and ends with one or a digit.",
};

/** What the secret of a token looks like; 64 characters are those of older services. */
export const secretRule = {
  pattern: /^([\w-]{43}|[\w-]{64})$/,
  words:
    "A token of NVIDIA OSMO has 43 letters, digits, - and _ (64 from an old service). Copy it whole, without other text.",
};

const userPattern = /^[a-zA-Z0-9]([a-zA-Z0-9_.@-]*[a-zA-Z0-9])?$/;

/**
 * Checked before anything is sent, because an address that holds a user's name must not lead
 * anywhere else than to that user's tokens.
 * @throws UsageError for what no user can be called.
 */
export function checkUser(user: string): string {
  if (!userPattern.test(user))
    throw new UsageError(`"${user}" can't be a user of NVIDIA OSMO.`, {
      hint: "A user's name has letters, digits and _ . @ -, and begins and ends with a letter or digit.",
    });
  return user;
}

/** What people call the service. */
export const title = "user";
