import { resolve } from "node:path";
import { certificateKeys, type ProfileKey, profileKeys } from "../../core/profile.ts";
import type { Provider } from "../../core/provider.ts";
import { withoutTrailingSlash } from "../../core/url.ts";
import { UsageError } from "../../errors.ts";
import { parseBaseUrl } from "../../http/base-url.ts";
import { parseRegion, parseUrlOrName } from "./base-url.ts";

/** Returns the key that a setting is stored under; an endpoint is stored as its URL. @throws UsageError */
export function parseProfileKey(key: string): ProfileKey {
  const known = key === "endpoint" ? "url" : profileKeys.find((each) => each === key);
  if (!known)
    throw new UsageError(`A profile has no setting "${key}".`, {
      unknownWord: { word: key, candidates: profileKeys },
      hint: `The settings are ${profileKeys.join(", ")}.`,
    });
  return known;
}

/** Normalizes the value of a setting for its profile. @throws UsageError if it is invalid. */
export function parseProfileSetting(
  provider: Provider,
  key: ProfileKey,
  value: string,
  allowHttp: boolean,
): string {
  if (key === "url")
    return withoutTrailingSlash(parseUrlOrName(provider, { name: "The url", value }, allowHttp));
  if (key === "allowHttp" && value !== "true")
    throw new UsageError(`Cannot set allowHttp to "${value}".`, {
      hint: 'Use true, or "" to remove it.',
    });
  if (key === "oauthUrl") return parseBaseUrl(value, "The oauthUrl").href;
  if (key === "region" && !provider.supports.tokenRegions)
    parseRegion(provider, { name: "region", value });
  if (certificateKeys.some((each) => each === key)) return resolve(value);
  return key === "region" ? value.toUpperCase() : value;
}
