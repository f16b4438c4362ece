import type { Supports } from "../../../core/provider.ts";
import { dayMs } from "../../../core/time.ts";
import { describeToken, type IssuedToken, type Token } from "../../../core/token.ts";
import type { AssignedRole } from "../../../core/token-provider.ts";
import { toErrorData } from "../../../errors.ts";
import type { PrintedSecret, SecretDelivery, SentSecret } from "../../../issuance/deliver.ts";
import {
  type Field,
  type Result,
  type ShowOptions,
  show,
  type Tone,
  type View,
} from "../../../output/view.ts";

const statusTone = ({ status }: Token): Tone | undefined =>
  status === "expired" ? "error" : undefined;

/** Milliseconds before its expiry from when a token is marked. */
const expiryWarning = 7 * dayMs;

const expiryTone = (token: Token, now: Date): Tone | undefined =>
  statusTone(token) ?? (expiresSoon(token, now) ? "warning" : undefined);

/** Whether a token expires within 7 days. */
export const expiresSoon = ({ expiresAt }: Pick<Token, "expiresAt">, now: Date): boolean =>
  expiresAt !== null && Date.parse(expiresAt) - now.getTime() < expiryWarning;

const fields: readonly Field<Token>[] = [
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
    value: ({ status, expiresAt }) => (expiresAt === null ? null : status),
    tone: statusTone,
  },
  { key: "Version", value: ({ version }) => version },
  { key: "Created at", value: ({ createdAt }) => createdAt, kind: "time" },
  { key: "Updated at", value: ({ updatedAt }) => updatedAt, kind: "time" },
  { key: "Expires at", value: ({ expiresAt }) => expiresAt, kind: "time", tone: expiryTone },
];

const blocks = { kind: "blocks", fields } as const;

/** The view of one token with all its properties. */
export const tokenView: View<Token> = {
  text: blocks,
  description: blocks,
  quietValue: ({ id }) => id,
};

/** A column of a token list. */
interface TokenColumn extends Field<Token> {
  /** Tokens of the provider have this property. */
  readonly isSupported: boolean;
  /** Only `--columns` shows it. */
  readonly isOptional?: boolean;
}

/** Returns the columns of the properties that tokens of a provider have. */
function tokenColumns({ serverIds, ...supports }: Supports): readonly TokenColumn[] {
  const columns: readonly TokenColumn[] = [
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
      value: ({ status }) => status,
      tone: statusTone,
      isSupported: supports.expiry,
    },
    {
      key: "EXPIRES",
      value: ({ expiresAt }) => expiresAt,
      kind: "time",
      tone: expiryTone,
      isSupported: supports.expiry,
    },
    {
      key: "CREATED",
      value: ({ createdAt }) => createdAt,
      kind: "time",
      isSupported: supports.creationTimes,
    },
    {
      key: "UPDATED",
      value: ({ updatedAt }) => updatedAt,
      kind: "time",
      isSupported: supports.creationTimes,
      isOptional: true,
    },
    { key: "REGION", value: ({ region }) => region, isSupported: supports.tokenRegions },
    { key: "OWNER", value: ({ owner }) => owner, isSupported: supports.owners },
    { key: "RESOURCE", value: ({ resource }) => resource, isSupported: supports.resourcePatterns },
    {
      key: "DESCRIPTION",
      value: ({ description }) => description,
      kind: "prose",
      isSupported: supports.descriptions,
    },
  ];
  return columns.filter(({ isSupported }) => isSupported);
}

/** Returns the names of the columns that `--columns` accepts: the headings in lower case. */
export const tokenColumnNames = (supports: Supports): readonly string[] =>
  tokenColumns(supports).map(({ key }) => key.toLowerCase());

/**
 * Returns the view of a token list.
 * @param names the columns of the table, of `tokenColumnNames`; by default all but the optional ones.
 */
export function tokensView(supports: Supports, names?: readonly string[]): View<Token> {
  const columns = tokenColumns(supports);
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

const secret = ({ token }: IssuedToken): string => token.reveal();

const issuedView: View<IssuedToken> = {
  text: { kind: "lines", line: secret },
  description: { kind: "blocks", fields, last: { key: "Token", value: secret } },
  quietValue: secret,
};

/** Shows a new secret, or the destinations that received it. */
export const showDelivery = (delivery: SecretDelivery): Result =>
  delivery.sent ? showSent(delivery) : showIssued(delivery);

const showIssued = ({ issued, ...options }: PrintedSecret): Result =>
  show({ ...issued, token: issued.token.reveal() }, issuedView, { items: [issued], ...options });

/** The view of several new secrets: a line `ID SECRET` for each. */
const issuedListView: View<IssuedToken> = {
  ...issuedView,
  text: { kind: "lines", line: (issued) => `${issued.id} ${secret(issued)}` },
};

/** Shows the new secrets of several tokens. */
export const showIssuedList = (
  issued: readonly IssuedToken[],
  options: Omit<ShowOptions<IssuedToken>, "items">,
): Result =>
  show(
    issued.map((each) => ({ ...each, token: each.token.reveal() })),
    issuedListView,
    { items: issued, ...options },
  );

/** A token, and the destinations that received its secret. */
type SentToken = Token & { readonly to: readonly string[] };

const sentView: View<SentToken> = {
  text: {
    kind: "lines",
    line: ({ to, ...token }) => `sent ${describeToken(token)} to ${to.join(", ")}`,
  },
  description: {
    kind: "blocks",
    fields: [...fields, { key: "Sent to", value: ({ to }) => to.join(", ") }],
  },
  quietValue: ({ id }) => id,
};

function showSent({ issued, sent, notes, failure }: SentSecret): Result {
  const { token: _secret, ...token } = issued;
  const deliveries = sent.map(({ to, error }) => ({
    to,
    delivered: !error,
    ...(error && { error: toErrorData(error) }),
  }));
  const to = deliveries.filter(({ delivered }) => delivered).map((each) => each.to);
  const items = to.length === 0 ? [] : [{ ...token, to }];
  return show({ ...token, deliveries }, sentView, { items, notes, failure });
}

/** The view of the roles of one token. */
export const assignedRolesView: View<AssignedRole> = {
  text: {
    kind: "table",
    columns: [
      { key: "ROLE", value: ({ name }) => name, kind: "id" },
      { key: "ASSIGNED BY", value: ({ assignedBy }) => assignedBy },
      { key: "ASSIGNED", value: ({ assignedAt }) => assignedAt, kind: "time" },
    ],
  },
  description: {
    kind: "blocks",
    fields: [
      { key: "Role", value: ({ name }) => name },
      { key: "Assigned by", value: ({ assignedBy }) => assignedBy },
      { key: "Assigned at", value: ({ assignedAt }) => assignedAt, kind: "time" },
    ],
  },
  quietValue: ({ name }) => name,
};

/** A role that a provider supports. */
export interface RoleRow {
  readonly name: string;
  readonly description: string;
  readonly deprecated: boolean;
}

const roleFields: readonly Field<RoleRow>[] = [
  { key: "Role", value: ({ name }) => name },
  { key: "Allows", value: ({ description }) => description },
  { key: "Deprecated", value: ({ deprecated }) => (deprecated ? "yes" : null) },
];

/** The view of the roles that a provider supports. */
export const rolesView: View<RoleRow> = {
  text: {
    kind: "table",
    columns: [
      { key: "ROLE", value: ({ name }) => name, kind: "id" },
      { key: "DESCRIPTION", value: ({ description }) => description, kind: "prose" },
    ],
  },
  description: { kind: "blocks", fields: roleFields },
  quietValue: ({ name }) => name,
};
