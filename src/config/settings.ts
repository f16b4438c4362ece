import type { Connection, Provider } from "../core/provider.ts";
import { UsageError } from "../errors.ts";
import type { Host } from "../host.ts";
import { parseBaseUrl } from "../http/url.ts";

/** Where to connect, as flags or the environment put it. */
export interface PlaceOptions {
  readonly provider?: string | undefined;
  readonly url?: string | undefined;
  readonly region?: string | undefined;
  readonly project?: string | undefined;
  readonly namespace?: string | undefined;
}

/**
 * The provider that was chosen.
 * @throws UsageError if none was, or there is none of that id.
 */
export function resolveProvider(
  providers: readonly Provider[],
  options: PlaceOptions,
  env: Host["env"],
): Provider {
  const [id, source] =
    options.provider !== undefined
      ? [options.provider, "--provider"]
      : [env["TOKCTL_PROVIDER"] || undefined, "TOKCTL_PROVIDER"];
  const ids = providers.map((provider) => provider.id);
  if (id === undefined)
    throw new UsageError("No provider is chosen.", {
      hint: [
        "Three ways forward:",
        `  --provider ID (${ids.join(", ")}) with --url or --region, and --app-token-file`,
        "  TOKCTL_PROVIDER, TOKCTL_URL and TOKCTL_APP_TOKEN in the environment",
        "  tokctl sandbox exec -- CMD, which sets them for CMD and a server on this machine",
      ],
    });
  const provider = providers.find((known) => known.id === id);
  if (!provider)
    throw new UsageError(`${source} names no provider: "${id}".`, {
      hint: `The providers are ${ids.join(", ")}.`,
    });
  return provider;
}

/**
 * The base URL to speak to: by flag, else by environment; the two are never mixed.
 * @throws UsageError if there is none, two contradict each other, or it is not fit for a credential.
 */
export function resolveUrl(provider: Provider, options: PlaceOptions, env: Host["env"]): URL {
  const url =
    urlByFlag(provider, options) ??
    urlByEnvironment(provider, env) ??
    provider.fromEnvironment?.(env)?.url;
  if (url) return url;
  const regions = Object.keys(provider.hosts);
  throw new UsageError(`No address of ${provider.title} is given.`, {
    hint: `Pass --url URL${regions.length > 0 ? ` or --region ${regions.join("|")}` : ""}, or set TOKCTL_URL.`,
  });
}

/** The region of the tokens that are meant, where it is not part of the address. */
export const resolveRegion = (
  { supports }: Provider,
  { region }: PlaceOptions,
  env: Host["env"],
): string | undefined =>
  supports.tokenRegions
    ? (region ?? (env["TOKCTL_REGION"] || undefined))?.toUpperCase()
    : undefined;

/**
 * Where in the account the tokens are.
 * @throws UsageError for something that the provider needs and nobody said.
 */
export function resolveWhereabouts(
  { title, needs }: Provider,
  options: PlaceOptions,
  env: Host["env"],
): Connection["whereabouts"] {
  return Object.fromEntries(
    needs.map((need) => {
      const variable = `TOKCTL_${need.toUpperCase()}`;
      const value = options[need] ?? env[variable];
      if (!value)
        throw new UsageError(`${title} needs a ${need}.`, {
          hint: `Pass --${need} or set ${variable}.`,
        });
      return [need, value];
    }),
  );
}

const urlByFlag = (provider: Provider, { url, region }: PlaceOptions): URL | undefined =>
  resolvePlace(provider, { name: "--url", value: url }, { name: "--region", value: region });

/** The only place that a credential from the environment may be sent to. */
export const urlByEnvironment = (provider: Provider, env: Host["env"]): URL | undefined =>
  resolvePlace(
    provider,
    { name: "TOKCTL_URL", value: env["TOKCTL_URL"] || undefined },
    { name: "TOKCTL_REGION", value: env["TOKCTL_REGION"] || undefined },
  );

interface Named {
  readonly name: string;
  readonly value: string | undefined;
}

function resolvePlace(
  { title, hosts, supports }: Provider,
  url: Named,
  { name, value }: Named,
): URL | undefined {
  const region = { name, value: supports.tokenRegions ? undefined : value };
  if (url.value !== undefined && region.value !== undefined)
    throw new UsageError(`${url.name} and ${region.name} both say where ${title} is.`, {
      hint: "Give one of them.",
    });
  if (url.value !== undefined) return parseBaseUrl(url.value, url.name);
  if (region.value === undefined) return undefined;
  const host = hosts[region.value.toUpperCase()];
  const known = Object.keys(hosts).join(", ");
  if (host === undefined)
    throw new UsageError(`${region.name} "${region.value}" is no region of ${title}.`, {
      hint: `${known ? `It is one of ${known}; another` : "It has none; a"} place is given by --url.`,
    });
  return new URL(host);
}
