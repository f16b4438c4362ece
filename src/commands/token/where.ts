import { action, type Define, type Example } from "../../cli/command.ts";
import { ownerOption } from "../../cli/options.ts";
import { createTokenLookup, type Lookup } from "../../core/lookup.ts";
import type { Provider } from "../../core/provider.ts";
import type { Timestamp } from "../../core/time.ts";
import { describeToken, type Token } from "../../core/token.ts";
import { CliError, ConflictError, NotFoundError, UsageError } from "../../errors.ts";
import { type Field, show, type Tone, type View } from "../../output/view.ts";
import type { DestinationRecord } from "../../sinks/sink.ts";
import { toOption } from "../shared/destination-options.ts";

/** The token that a destination holds. */
interface DestinationRow {
  readonly to: string;
  /** The ID in the record; null without a record. */
  readonly id: string | null;
  readonly name: string | null;
  readonly profile: string | null;
  readonly deliveredAt: Timestamp | null;
  /** When the secret was made. */
  readonly secretCreatedAt: Timestamp | null;
  /** Whether the delivery of the secret finished. */
  readonly complete: boolean | null;
  /** The tokens whose secret the destination may still hold if the delivery did not finish. */
  readonly previousIds: readonly string[];
  readonly exists: boolean | null;
  /** Whether the token is TOKEN; null without that argument. */
  readonly matches: boolean | null;
}

const statusOf = ({ id, exists, complete, matches }: DestinationRow): string => {
  if (id === null) return "no record";
  if (!exists) return "deleted";
  if (!complete) return "unfinished";
  return matches === false ? "another token" : "current";
};

const statusTone = (row: DestinationRow): Tone =>
  statusOf(row) === "current" ? "success" : statusOf(row) === "deleted" ? "error" : "warning";

const fields: readonly Field<DestinationRow>[] = [
  { key: "Destination", value: ({ to }) => to },
  { key: "Token ID", value: ({ id }) => id },
  { key: "Name", value: ({ name }) => name },
  { key: "Profile", value: ({ profile }) => profile },
  { key: "Delivered at", value: ({ deliveredAt }) => deliveredAt, kind: "time" },
  { key: "Secret created at", value: ({ secretCreatedAt }) => secretCreatedAt, kind: "time" },
  { key: "Previous tokens", value: ({ previousIds }) => previousIds.join(", ") || null },
  { key: "Status", value: statusOf, tone: statusTone },
];

const whereView: View<DestinationRow> = {
  text: {
    kind: "table",
    columns: [
      { key: "DESTINATION", value: ({ to }) => to },
      { key: "ID", value: ({ id }) => id, kind: "id" },
      { key: "NAME", value: ({ name }) => name },
      { key: "PROFILE", value: ({ profile }) => profile },
      { key: "SECRET", value: ({ secretCreatedAt }) => secretCreatedAt, kind: "time" },
      { key: "DELIVERED", value: ({ deliveredAt }) => deliveredAt, kind: "time" },
      { key: "STATUS", value: statusOf, tone: statusTone },
    ],
    shrinking: ["DESTINATION", "NAME", "PROFILE"],
  },
  description: { kind: "blocks", fields },
  quietValue: ({ id }) => id ?? "",
};

export const examples: readonly Example[] = [
  {
    line: "tokctl token where --to env-file:$HOME/.env#CI_TOKEN",
    title: "Show which token a .env file holds",
  },
  {
    line: "tokctl token where ci --to env-file:$HOME/.env#CI_TOKEN",
    title: "Check that it holds the token ci",
  },
];

export const seeAlso = ["help destinations", "token get", "token renew"];

export const define: Define = (command, invocation) =>
  command
    .argument("[token]", "ID, name, or first characters of the ID that the destinations must hold")
    .addOption(toOption("Destination to examine (repeatable)"))
    .addOption(ownerOption())
    .action(
      action(invocation, async (session, reference, { to = [], user: owner }) => {
        if (to.length === 0)
          throw new UsageError("--to is required.", {
            hint: "For example: tokctl token where --to env-file:.env#CI_TOKEN",
          });
        const provider = session.provider();
        const records = await session.readTokenRecords(to);
        const unable = records.find(({ canRecord }) => !canRecord);
        if (unable)
          throw new UsageError(`--to ${unable.to}: it does not record which token it holds.`, {
            hint: "Files and secret stores do: tokctl help destinations",
          });
        const tokens = await session.tokens();
        const profile = (await session.profileInUse())?.name;
        for (const record of records) requireOwnToken(provider, record, profile);
        const find = createTokenLookup(provider, tokens, owner, records.length);
        const wanted = reference === undefined ? undefined : (await find(reference)).item;
        const rows: DestinationRow[] = [];
        for (const record of records) rows.push(await examine(record, find, wanted));
        return show(rows, whereView, { failure: toFailure(rows, wanted, profile) });
      }),
    );

/**
 * Checks that the provider can have the token of a record.
 * @throws UsageError if its ID is invalid for this provider, so that the token is another provider's.
 */
function requireOwnToken(
  { title, nameRule }: Provider,
  { to, record }: DestinationRecord,
  profile: string | undefined,
): void {
  if (!record || !nameRule || nameRule.pattern.test(record.id)) return;
  const { id, name = null } = record;
  throw new UsageError(
    `${to} holds a token that ${title} cannot have: ${describeToken({ id, name })}.`,
    {
      hint:
        describeOtherProfile(record.profile, profile) ??
        "Select the provider of that token with its profile: -p PROFILE",
    },
  );
}

/** Returns the hint for a record of another profile than the one in use; undefined for any other record. */
const describeOtherProfile = (
  recorded: string | null | undefined,
  inUse: string | undefined,
): string | undefined =>
  recorded && recorded !== inUse
    ? `It was delivered with another profile: -p ${recorded}`
    : undefined;

async function examine(
  { to, record }: DestinationRecord,
  find: Lookup<Token>,
  wanted: Token | undefined,
): Promise<DestinationRow> {
  const token = record && (await findById(record.id, find));
  return {
    to,
    id: record?.id ?? null,
    name: token?.name ?? record?.name ?? null,
    profile: record?.profile ?? null,
    deliveredAt: record?.deliveredAt ?? null,
    secretCreatedAt: token?.updatedAt ?? token?.createdAt ?? null,
    complete: record ? record.previousIds === undefined : null,
    previousIds: record?.previousIds ?? [],
    exists: record ? token !== undefined : null,
    matches: wanted ? record?.id === wanted.id : null,
  };
}

async function findById(id: string, find: Lookup<Token>): Promise<Token | undefined> {
  try {
    const { item } = await find(id);
    // The lookup also finds names.
    return item.id === id ? item : undefined;
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof ConflictError) return undefined;
    throw error;
  }
}

/** Returns the error for the first kind of problem, in the order of severity. */
function toFailure(
  rows: readonly DestinationRow[],
  wanted: Token | undefined,
  profile: string | undefined,
): CliError | undefined {
  const unrecorded = rows.find(({ id }) => id === null);
  if (unrecorded)
    return new CliError("not_found", `${unrecorded.to} has no record of a token.`, {
      hint: `To write a new secret and its record: tokctl token renew TOKEN --to ${unrecorded.to}`,
    });
  const deleted = rows.find(({ exists }) => !exists);
  if (deleted)
    return new CliError(
      "not_found",
      `The token of ${deleted.to} does not exist: ${describeToken({ id: deleted.id ?? "", name: deleted.name })}.`,
      {
        hint:
          describeOtherProfile(deleted.profile, profile) ??
          `To write the secret of another token: tokctl token renew TOKEN --to ${deleted.to}`,
      },
    );
  const other = rows.find(({ matches }) => matches === false);
  if (other && wanted)
    return new ConflictError(
      `${other.to} holds the token ${describeToken({ id: other.id ?? "", name: other.name })}, not ${describeToken(wanted)}.`,
      { hint: `To write a new secret: tokctl token renew ${wanted.id} --to ${other.to}` },
    );
  const unfinished = rows.find(({ complete }) => !complete);
  return unfinished
    ? new CliError("outcome_unknown", `The last delivery to ${unfinished.to} did not finish.`, {
        hint: `It may hold the secret of a previous token. To write a new secret: tokctl token renew ${unfinished.id} --to ${unfinished.to}`,
      })
    : undefined;
}
