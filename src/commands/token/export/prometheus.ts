import type { Supports } from "../../../core/provider.ts";
import type { Token } from "../../../core/token.ts";
import { escapeControls } from "../../../output/escape.ts";

/** The labels that all samples of one target have in common. */
export interface MetricLabels {
  readonly provider: string;
  readonly profile: string;
}

/** A gauge with at most one sample for each token. */
interface Gauge {
  readonly name: string;
  readonly help: string;
  /** The feature without which no token has a value. */
  readonly requires: keyof Supports;
  value(token: Token, now: Date): number | undefined;
}

const gauges: readonly Gauge[] = [
  {
    name: "tokctl_token_expiry_timestamp_seconds",
    help: "Expiry of the token, in seconds since 1970-01-01 UTC.",
    requires: "expiryDates",
    value: ({ expiresAt }) => (expiresAt === null ? undefined : Date.parse(expiresAt) / 1000),
  },
  {
    name: "tokctl_token_secret_age_seconds",
    help: "Seconds since the secret was issued by a create or renew.",
    requires: "creationTimes",
    value({ createdAt, updatedAt }, now) {
      const issuedAt = updatedAt ?? createdAt;
      // The server's clock can be ahead.
      return issuedAt === null
        ? undefined
        : Math.max(0, (now.getTime() - Date.parse(issuedAt)) / 1000);
    },
  },
];

/**
 * Formats tokens as metrics in the Prometheus text format. Gauges that the provider has no data for are
 * omitted.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export const toPrometheus = (
  groups: readonly { readonly labels: MetricLabels; readonly tokens: readonly Token[] }[],
  supports: Supports,
  now: Date,
): string =>
  gauges
    .filter(({ requires }) => supports[requires])
    .flatMap(({ name, help, value }) => [
      `# HELP ${name} ${help}\n`,
      `# TYPE ${name} gauge\n`,
      ...groups.flatMap(({ labels, tokens }) =>
        tokens.flatMap((token) => {
          const sample = value(token, now);
          const { id, name: tokenName } = token;
          const all = formatLabels({ ...labels, name: tokenName ?? "", id });
          return sample === undefined ? [] : `${name}{${all}} ${sample}\n`;
        }),
      ),
    ])
    .join("");

const formatLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(",");

const escapeLabel = (text: string): string =>
  escapeControls(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
