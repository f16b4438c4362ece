import { ProviderOption, parseExpiryOption } from "../../../cli/options.ts";
import type { Provider } from "../../../core/provider.ts";
import { toSoftExpiryName } from "../../../core/soft-expiry.ts";
import type { Expiry } from "../../../core/time.ts";
import { UsageError } from "../../../errors.ts";

/** The values of `--expires-at` and `--soft-expiry`. */
export interface ExpiryOptions {
  readonly expiresAt?: Expiry | undefined;
  readonly softExpiry?: true | undefined;
}

/** `--expires-at` of a new or renewed token. */
export const expiryOption = (noun = "Expiry") =>
  new ProviderOption(
    "expiryDates",
    "-e, --expires-at <when>",
    `${noun}: YYYY-MM-DD, RFC 3339 time or duration such as 30d`,
  ).argParser(parseExpiryOption);

/** `--soft-expiry`: the expiry becomes part of the name. */
export const softExpiryOption = () =>
  new ProviderOption(
    "softExpiry",
    "--soft-expiry",
    "Expiry in the name; the secret works until a run of token delete --expired",
  );

/** `--expired`: the same as `--status expired`. */
export const expiredOption = () =>
  new ProviderOption("expiryDates", "--expired", "Only expired tokens").conflicts(["status"]);

/**
 * Checks that the options fit the provider, which enforces an expiry or not.
 * @throws UsageError for one of the options without the other, if the provider does not enforce it.
 */
export function checkExpiryOptions(
  { title, supports }: Provider,
  { expiresAt, softExpiry }: ExpiryOptions,
): void {
  if (softExpiry && expiresAt === undefined)
    throw new UsageError("--soft-expiry requires --expires-at.", {
      hint: "For example: -e 30d --soft-expiry",
    });
  if (expiresAt !== undefined && !softExpiry && !supports.expiry)
    throw new UsageError(
      `${title} does not enforce an expiry: --expires-at requires --soft-expiry.`,
      {
        hint: [
          "Add --soft-expiry to make the date a part of the name.",
          "The secret then works until a run of: tokctl token delete --expired",
        ],
      },
    );
}

/** The attributes of a new token that its expiry affects. */
interface ExpiringSpec {
  readonly name?: string | undefined;
  readonly expiry?: Expiry | undefined;
}

/**
 * Moves the expiry of a new token into its name, for `--soft-expiry`.
 * @throws UsageError for an expiry in the past, or a name that can't have a date.
 */
export const applySoftExpiry = <T extends ExpiringSpec>(
  spec: T,
  { softExpiry }: ExpiryOptions,
  now: Date,
): T =>
  softExpiry && spec.name !== undefined && spec.expiry
    ? { ...spec, name: toSoftExpiryName(spec.name, spec.expiry, now), expiry: undefined }
    : spec;
