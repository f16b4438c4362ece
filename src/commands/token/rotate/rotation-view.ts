import { describeToken, type Token } from "../../../core/token.ts";
import { toErrorData } from "../../../errors.ts";
import type { Rotation } from "../../../issuance/rotate.ts";
import type { KeptReason, RotationReason } from "../../../issuance/rotation-plan.ts";
import { type Result, show, type View } from "../../../output/view.ts";

/** The data of a result, or of the plan with `--dry-run`. */
interface RotationData {
  readonly dryRun: boolean;
  readonly current: TokenName | null;
  /** The ID is null with `--dry-run`. */
  readonly created: {
    readonly id: string | null;
    readonly name: string | null;
    readonly reason: RotationReason;
  } | null;
  readonly delivered: readonly {
    readonly to: string;
    readonly delivered: boolean;
    readonly error: ReturnType<typeof toErrorData> | null;
  }[];
  readonly deleted: readonly TokenName[];
  readonly kept: readonly (TokenName & {
    readonly reason: KeptReason;
    readonly until: string | null;
  })[];
  readonly nextRotationAt: string | null;
}

type TokenName = Pick<Token, "id" | "name">;

const reasons: Readonly<Record<RotationReason, string>> = {
  forced: "--now",
  first: "no destination had a token",
  missing: "the token of the destinations does not exist",
  incomplete: "not all destinations had the current token",
  expired: "the token had expired",
  expiring: "the token expires soon",
  age: "the token reached the age of --every",
};

const keptReasons: Readonly<Record<KeptReason, string>> = {
  recorded: "a destination has it",
  "in-use": "it is the credential in use",
  unrecorded: "no destination had it; --adopt replaces it",
  undelivered: "another run may be delivering it",
  overlap: "consumers may still use it",
};

const rotationView: View<RotationData> = {
  text: { kind: "lines", line: toLines },
  description: { kind: "lines", line: toLines },
  quietValue: ({ current }) => current?.id ?? "",
};

function toLines(data: RotationData): readonly string[] {
  const { dryRun, current, created, delivered, deleted, kept, nextRotationAt } = data;
  const verb = (done: string, planned: string) => (dryRun ? `would ${planned}` : done);
  const describe = ({ id, name }: { readonly id: string | null; readonly name: string | null }) =>
    id === null ? `"${name}"` : describeToken({ id, name });
  return [
    ...(created
      ? [`${verb("created", "create")} ${describe(created)}: ${reasons[created.reason]}`]
      : []),
    ...delivered
      .filter((each) => dryRun || each.delivered)
      .map(({ to }) => `${verb("wrote", "write")} the secret to ${to}`),
    ...deleted.map((token) => `${verb("deleted", "delete")} ${describe(token)}`),
    ...kept.map(
      (token) =>
        `${verb("kept", "keep")} ${describe(token)}: ${keptReasons[token.reason]}${token.until === null ? "" : `, until ${token.until}`}`,
    ),
    ...(current && !created ? [`current ${describe(current)}`] : []),
    ...(nextRotationAt === null ? [] : [`next rotation ${nextRotationAt}`]),
  ];
}

/** Shows the result of a rotation, or its plan. */
export function showRotation(rotation: Rotation): Result {
  const { isPreview, planned, issued, sent, deleted, kept, current } = rotation;
  const toName = ({ id, name }: Token): TokenName => ({ id, name });
  const created = issued
    ? toName(issued)
    : isPreview && planned && { id: null, name: planned.name };
  const data: RotationData = {
    dryRun: isPreview,
    current: current ? toName(current) : null,
    created: created && planned ? { ...created, reason: planned.reason } : null,
    delivered: sent.map(({ to, error }) => ({
      to,
      delivered: !isPreview && !error,
      error: error ? toErrorData(error) : null,
    })),
    deleted: deleted.map(toName),
    kept: kept.map(({ token, reason, until }) => ({ ...toName(token), reason, until })),
    nextRotationAt: rotation.nextRotationAt,
  };
  const waiting = "Another run is rotating these tokens. To rotate now anyway: --now";
  return show(data, rotationView, {
    notes: rotation.isWaiting ? [{ text: waiting }] : [],
    failure: rotation.failure,
  });
}
