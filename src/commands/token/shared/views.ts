import type { Supports } from "../../../core/provider.ts";
import { formatExpiry } from "../../../core/soft-expiry.ts";
import { dayMs } from "../../../core/time.ts";
import type { Token } from "../../../core/token.ts";
import type { Field, Tone, View } from "../../../output/view.ts";
import { expiryFields } from "../../shared/expiry-fields.ts";
import type { ListedToken } from "./selection.ts";

/** Milliseconds before its expiry from when a token is marked. */
const expiryWarning = 7 * dayMs;

const expiryTone = (token: Token, now: Date): Tone | undefined =>
  token.status === "expired" ? "error" : expiresSoon(token, now) ? "warning" : undefined;

/** Whether a token expires within 7 days. */
export const expiresSoon = ({ expiresAt }: Pick<Token, "expiresAt">, now: Date): boolean =>
  expiresAt !== null && Date.parse(expiresAt) - now.getTime() < expiryWarning;

/** Returns the status; `expiring` for an active token that expires within 7 days. */
const describeStatus = (token: Token, now: Date): string =>
  token.status === "active" && expiresSoon(token, now) ? "expiring" : token.status;

/** The lines of a token's description. */
export const tokenFields: readonly Field<ListedToken>[] = [
  { key: "Profile", value: ({ profile }) => profile ?? null },
  { key: "ID", value: ({ id }) => id },
  { key: "Name", value: ({ name }) => name },
  { key: "Role", value: ({ roles }) => roles.join(", ") },
  { key: "Label selector", value: ({ labelSelector }) => labelSelector },
  { key: "Resource", value: ({ resource }) => resource },
  { key: "Description", value: ({ description }) => description },
  { key: "Owner", value: ({ owner }) => owner },
  { key: "Region", value: ({ region }) => region },
  {
    key: "Status",
    value: (token, now) => (token.expiresAt === null ? null : describeStatus(token, now)),
    tone: expiryTone,
  },
  { key: "Version", value: ({ version }) => version },
  { key: "Created at", value: ({ createdAt }) => createdAt, kind: "time" },
  { key: "Updated at", value: ({ updatedAt }) => updatedAt, kind: "time" },
  ...expiryFields({ tone: expiryTone }),
];

const blocks = { kind: "blocks", fields: tokenFields } as const;

/** The view of one token with all its properties. */
export const tokenView: View<Token> = {
  text: blocks,
  description: blocks,
  quietValue: ({ id }) => id,
};

/** A column of a token list. */
interface TokenColumn extends Field<ListedToken> {
  /** Tokens of the provider have this property. */
  readonly isSupported: boolean;
  /** Only `--columns` shows it. */
  readonly isOptional?: boolean;
}

/**
 * Returns the columns of the properties that tokens of a provider have.
 * @param hasExpiry whether a token of the list has an expiry.
 * @param hasProfiles whether the list has tokens of several profiles.
 */
function tokenColumns(
  { serverIds, ...supports }: Supports,
  hasExpiry: boolean,
  hasProfiles: boolean,
): readonly TokenColumn[] {
  const ofExpiry = {
    tone: expiryTone,
    isSupported: supports.expiryDates,
    // Without a soft expiry, all tokens have the same status.
    isOptional: !supports.expiry && !hasExpiry,
  };
  // The tokens of several providers have too many properties for one table.
  const ofOneProfile = { isOptional: hasProfiles };
  const columns: readonly TokenColumn[] = [
    { key: "PROFILE", value: ({ profile }) => profile ?? null, isSupported: hasProfiles },
    {
      key: "ID",
      value: ({ id }) => id,
      kind: "id",
      isSupported: true,
      // The name is the ID.
      isOptional: !serverIds,
    },
    {
      key: "NAME",
      value: ({ name }) => name,
      ...(!serverIds && { kind: "id" }),
      isSupported: supports.names,
    },
    { key: "ROLES", value: ({ roles }) => roles, isSupported: true },
    { key: "SELECTOR", value: ({ labelSelector }) => labelSelector, isSupported: supports.labels },
    {
      key: "STATUS",
      value: describeStatus,
      ...ofExpiry,
    },
    {
      key: "EXPIRES",
      value: formatExpiry,
      // A time would be shown relative to now.
      ...(!supports.softExpiry && { kind: "time" }),
      ...ofExpiry,
    },
    {
      key: "CREATED",
      value: ({ createdAt }) => createdAt,
      kind: "time",
      isSupported: supports.creationTimes,
      ...ofOneProfile,
    },
    {
      key: "UPDATED",
      value: ({ updatedAt }) => updatedAt,
      kind: "time",
      isSupported: supports.creationTimes,
      isOptional: true,
    },
    {
      key: "REGION",
      value: ({ region }) => region,
      isSupported: supports.tokenRegions,
      ...ofOneProfile,
    },
    { key: "OWNER", value: ({ owner }) => owner, isSupported: supports.owners, ...ofOneProfile },
    {
      key: "RESOURCE",
      value: ({ resource }) => resource,
      isSupported: supports.resourcePatterns,
      ...ofOneProfile,
    },
    {
      key: "DESCRIPTION",
      value: ({ description }) => description,
      kind: "prose",
      isSupported: supports.descriptions,
      ...ofOneProfile,
    },
  ];
  return columns.filter(({ isSupported }) => isSupported);
}

/** Returns the names of the columns that `--columns` accepts: the headings in lower case. */
export const tokenColumnNames = (supports: Supports, hasProfiles: boolean): readonly string[] =>
  tokenColumns(supports, true, hasProfiles).map(({ key }) => key.toLowerCase());

/**
 * Returns the view of a token list.
 * @param tokens the tokens of the list.
 * @param names the columns of the table, of `tokenColumnNames`; by default all but the optional ones.
 */
export function tokensView(
  supports: Supports,
  tokens: readonly ListedToken[],
  names?: readonly string[],
): View<ListedToken> {
  const columns = tokenColumns(
    supports,
    tokens.some(({ expiresAt }) => expiresAt !== null),
    tokens.some(({ profile }) => profile !== undefined),
  );
  return {
    text: {
      kind: "table",
      columns: names
        ? names.flatMap((name) => columns.find(({ key }) => key.toLowerCase() === name) ?? [])
        : columns.filter(({ isOptional }) => !isOptional),
      shrinking: ["DESCRIPTION", "RESOURCE", "SELECTOR", "ROLES", "OWNER", "NAME", "REGION"],
    },
    description: blocks,
    quietValue: ({ id }) => id,
  };
}
