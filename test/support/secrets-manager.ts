import { json, type Reply, serve } from "./store-server.ts";

interface PutOrUpdate {
  readonly SecretId: string;
  readonly ClientRequestToken: string;
  readonly SecretString: string;
  readonly VersionStages?: readonly string[];
  readonly VersionStage: string;
  readonly RemoveFromVersionId: string;
}

interface StoredVersion {
  readonly value: string;
  labels: readonly string[];
}

/**
 * Serves the part of AWS Secrets Manager that writes versions with staging labels.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/
 */
export async function serveSecretsManager() {
  const secrets = new Map<string, Map<string, StoredVersion>>();
  /** The operations that are denied. */
  const denied = new Set<string>();
  const server = await serve(async ({ headers, body }) => {
    const operation = String(headers["x-amz-target"]).replace("secretsmanager.", "");
    const request = JSON.parse(body);
    if (denied.has(operation))
      return failure(
        "AccessDeniedException",
        `not authorized to perform: secretsmanager:${operation}`,
      );
    const versions = secrets.get(request.SecretId);
    if (!versions)
      return failure(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
      );
    return answer(operation, request, versions);
  });
  return {
    ...server,
    secrets,
    denied,
    /** Returns the current value of a secret. */
    current: (id: string) => findCurrent(secrets.get(id) ?? new Map())?.value,
    env: {
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      AWS_REGION: "eu-west-3",
      AWS_DEFAULT_REGION: "eu-west-3",
      AWS_ENDPOINT_URL: server.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: server.url,
    },
  };
}

function answer(
  operation: string,
  request: PutOrUpdate,
  versions: Map<string, StoredVersion>,
): Reply {
  const name = request.SecretId;
  if (operation === "DescribeSecret")
    return json(200, {
      Name: name,
      VersionIdsToStages: Object.fromEntries(
        [...versions]
          .filter(([, { labels }]) => labels.length > 0)
          .map(([id, { labels }]) => [id, labels]),
      ),
    });
  if (operation === "GetSecretValue")
    return json(200, { Name: name, SecretString: findCurrent(versions)?.value });
  if (operation === "PutSecretValue") {
    const labels: readonly string[] = request.VersionStages ?? ["AWSCURRENT"];
    const previous = labels.includes("AWSCURRENT") ? findCurrent(versions) : undefined;
    for (const version of versions.values())
      version.labels = version.labels.filter(
        (label) => !labels.includes(label) && !(previous && label === "AWSPREVIOUS"),
      );
    if (previous) previous.labels = [...previous.labels, "AWSPREVIOUS"];
    const used = [...versions.values()].flatMap((version) => version.labels);
    if (used.length + labels.length > 20)
      return failure("LimitExceededException", "You can't attach more than 20 staging labels.");
    versions.set(request.ClientRequestToken, { value: request.SecretString, labels });
    return json(200, {
      Name: name,
      VersionId: request.ClientRequestToken,
      VersionStages: labels,
    });
  }
  if (operation === "UpdateSecretVersionStage") {
    const version = versions.get(request.RemoveFromVersionId);
    if (version) version.labels = version.labels.filter((each) => each !== request.VersionStage);
    return json(200, { Name: name });
  }
  return failure("InvalidRequestException", operation);
}

const findCurrent = (versions: ReadonlyMap<string, StoredVersion>): StoredVersion | undefined =>
  [...versions.values()].find(({ labels }) => labels.includes("AWSCURRENT"));

const failure = (type: string, message: string): Reply => json(400, { __type: type, message });
