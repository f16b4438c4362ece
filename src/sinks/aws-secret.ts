import { UsageError } from "../errors.ts";
import type { RecordingSink } from "./sink.ts";
import {
  callTool,
  parseToolJson,
  requireName,
  type StoreTool,
  type ToolContext,
} from "./store-tool.ts";
import { formatShortRecord, parseRecord, type TokenRecord } from "./token-record.ts";

const form = "aws-secret:ID[#KEY]";

const aws: StoreTool = {
  program: "aws",
  homepage: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  fixes: [
    [
      /Unable to locate credentials|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|sso login|security token/i,
      "Sign in: aws configure, or aws sso login",
    ],
    [/must specify a region/i, "Set AWS_REGION, or run aws configure."],
    [
      /ResourceNotFoundException/,
      "Create the secret first: aws secretsmanager create-secret --name ID",
    ],
    [
      /AccessDenied/,
      "Grant secretsmanager:DescribeSecret, PutSecretValue and UpdateSecretVersionStage on the secret, and GetSecretValue for ID#KEY.",
    ],
    [/Could not connect|Connect timeout|EndpointConnection/i, "Check AWS_REGION and the network."],
  ],
};

/** aws can open its stdin only if that is a pipe; Node connects it by a socket. */
const pipedAws: StoreTool = { ...aws, starter: ["sh", "-c", 'cat | exec "$@"', "sh"] };

/** A secret, or one key of a secret whose value is a JSON object. */
interface SecretTarget {
  readonly id: string;
  readonly key: string | undefined;
}

/** The staging labels of each version. */
type Stages = Readonly<Record<string, readonly string[]>>;

/** The most staging labels with a record on one secret. Secrets Manager allows 20 labels in all. */
const maxRecords = 12;
/** The most characters of a staging label. */
const maxLabel = 256;

/**
 * `aws-secret:ID[#KEY]`: a new version of a secret in AWS Secrets Manager, through aws. A staging
 * label of the version, written in the same request, records the token.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export function parse(argument: string): RecordingSink {
  const target = parseTarget(argument);
  const prefix = labelPrefix(target.key);
  return {
    async recordedToken(context) {
      const labels = labelsInUse(await readStages(context, target));
      const label = labels.find((each) => each.startsWith(prefix));
      return label === undefined ? undefined : parseRecord(label.slice(prefix.length));
    },
    async prepare(context) {
      const stages = await readStages(context, target);
      if (recordLabels(Object.values(stages).flat()).length > maxRecords)
        for (const [version, labels] of outdatedRecords(stages))
          await removeLabels(context, target, version, labels);
      await readObject(context, target, stages);
      return {
        async deliver(secret, record) {
          const before = await readStages(context, target);
          const object = await readObject(context, target, before);
          const { key } = target;
          const value =
            key === undefined
              ? secret.reveal()
              : JSON.stringify({ ...object, [key]: secret.reveal() });
          await putValue(context, target, value, [
            toLabel(target, record),
            // The other keys of the object have their own records.
            ...(key === undefined
              ? []
              : recordLabels(labelsInUse(before)).filter((each) => !each.startsWith(prefix))),
          ]);
          // The next delivery removes labels that are left.
          for (const [version, labels] of outdatedRecords(before))
            await removeLabels(context, target, version, labels).catch(() => {});
        },
        discard: async () => {},
      };
    },
  };
}

function parseTarget(argument: string): SecretTarget {
  const [, id = "", key] = /^([^#]*)(?:#(.*))?$/s.exec(argument) ?? [];
  requireName(id, /^[\w/+=.@:-]{1,2048}$/, form);
  if (key !== undefined) requireName(key, /^[\w.-]{1,100}$/, form);
  return { id, key };
}

const labelPrefix = (key: string | undefined) => (key === undefined ? "tokctl " : `tokctl/${key} `);

const toLabel = ({ key }: SecretTarget, record: TokenRecord): string => {
  const prefix = labelPrefix(key);
  return prefix + formatShortRecord(record, maxLabel - prefix.length);
};

const recordLabels = (labels: readonly string[]) =>
  labels.filter((label) => /^tokctl[ /]/.test(label));

const labelsInUse = (stages: Stages): readonly string[] =>
  Object.values(stages).find((labels) => labels.includes("AWSCURRENT")) ?? [];

/** Returns the records of versions that AWS can delete once their last label is removed. */
const outdatedRecords = (stages: Stages): readonly (readonly [string, readonly string[]])[] =>
  Object.entries(stages).filter(
    ([, labels]) => labels.length > 0 && recordLabels(labels).length === labels.length,
  );

const toArgs = (operation: string, { id }: SecretTarget, ...args: readonly string[]) => [
  ...["secretsmanager", operation, "--secret-id", id, "--output", "json", ...args],
];

interface Description {
  readonly DeletedDate?: unknown;
  readonly VersionIdsToStages?: Stages;
}

/** @throws UsageError if the secret is to be deleted; ToolError */
async function readStages(context: ToolContext, target: SecretTarget): Promise<Stages> {
  const text = await callTool(context, aws, toArgs("describe-secret", target));
  const { DeletedDate, VersionIdsToStages = {} } = parseToolJson<Description>(aws, text);
  if (DeletedDate !== undefined)
    throw new UsageError("the secret is scheduled for deletion.", {
      hint: `Restore it: aws secretsmanager restore-secret --secret-id ${target.id}`,
    });
  return VersionIdsToStages;
}

/** Returns the object that has the key; undefined without a key. @throws UsageError if it is none */
async function readObject(
  context: ToolContext,
  target: SecretTarget,
  stages: Stages,
): Promise<object | undefined> {
  if (target.key === undefined) return undefined;
  if (labelsInUse(stages).length === 0) return {};
  const text = await callTool(context, aws, toArgs("get-secret-value", target));
  const { SecretString = "" } = parseToolJson<{ SecretString?: string }>(aws, text);
  const value = parseJsonObject(SecretString);
  if (!value)
    throw new UsageError("the value of the secret is not a JSON object.", {
      hint: "Omit #KEY to replace the whole value, or choose another secret.",
    });
  return value;
}

function parseJsonObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const putValue = (
  context: ToolContext,
  target: SecretTarget,
  value: string,
  labels: readonly string[],
) =>
  callTool(
    context,
    pipedAws,
    toArgs(
      "put-secret-value",
      target,
      ...["--secret-string", "file:///dev/stdin", "--version-stages", "AWSCURRENT", ...labels],
    ),
    value,
  );

async function removeLabels(
  context: ToolContext,
  target: SecretTarget,
  version: string,
  labels: readonly string[],
): Promise<void> {
  for (const label of labels)
    await callTool(
      context,
      aws,
      toArgs(
        "update-secret-version-stage",
        target,
        ...["--version-stage", label, "--remove-from-version-id", version],
      ),
    );
}
