import { Option } from "@commander-js/extra-typings";
import { expiry, ProviderOption, repeatable, selector } from "../../../cli/options.ts";

/** `--role` of a new token. */
export const roleOption = (description: string) =>
  new Option("-r, --role <role>", description).argParser(repeatable);

/** `--label-selector` of a new token. */
export const selectorOption = () =>
  new ProviderOption(
    "labels",
    "-l, --label-selector <name=value>",
    "Limit access to resources with this label",
  ).argParser(selector);

/** `--description` of a new token. */
export const descriptionOption = () =>
  new ProviderOption("descriptions", "-d, --description <text>", "Description");

/** `--expires-at` of a new token. */
export const expiryOption = () =>
  new ProviderOption(
    "expiry",
    "-e, --expires-at <when>",
    "Expiry: YYYY-MM-DD, an RFC 3339 time, or a duration such as 30d, 6mo or 1y",
  ).argParser(expiry);

/** `--resource` of a new token. */
export const resourceOption = () =>
  new ProviderOption(
    "resourcePatterns",
    "--resource <pattern>",
    "Limit access to resources with a matching name, for example iris*",
  );
