import type { Secret } from "../core/secret.ts";
import type { RecordingSink } from "./sink.ts";
import {
  callTool,
  parseToolJson,
  requireName,
  type StoreTool,
  splitTarget,
  type ToolContext,
} from "./store-tool.ts";
import { formatRecord, parseRecord, type TokenRecord } from "./token-record.ts";

const form = "k8s-secret:[NAMESPACE/]NAME#KEY";

const kubectl: StoreTool = {
  program: "kubectl",
  homepage: "https://kubernetes.io/docs/tasks/tools/",
  fixes: [
    [
      /Apply failed with \d+ conflict/,
      "Another field manager owns the key. To take it over: --force",
    ],
    [/forbidden/i, "Grant the verbs get, create and patch on secrets in the namespace (RBAC)."],
    [
      /Unauthorized|must be logged in|provide credentials/i,
      "Sign in to the cluster; kubectl config current-context shows which one is used.",
    ],
    [/namespaces? .*not found/i, "Create the namespace: kubectl create namespace NAMESPACE"],
    [/immutable/i, "Delete the secret, or choose another one: an immutable secret can't change."],
    [
      /refused|no such host|timeout|timed out|unable to connect|connection/i,
      "Check that the cluster is reachable: kubectl cluster-info",
    ],
  ],
};

/** One key of a Kubernetes secret. */
interface SecretKey {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly key: string;
}

/**
 * `k8s-secret:[NAMESPACE/]NAME#KEY`: a key of a Kubernetes secret, through kubectl. An annotation of
 * the secret, written in the same request, records the token.
 */
export function parse(argument: string): RecordingSink {
  const target = parseSecretKey(argument);
  const annotation = `tokctl/${target.key}`;
  return {
    async recordedToken(context) {
      const { namespace, name } = target;
      const text = await callTool(context, kubectl, [
        ...["get", "secret", name, ...namespaceOption(namespace)],
        ...["--ignore-not-found", "--output=jsonpath={.metadata.annotations}"],
      ]);
      if (text.trim() === "") return undefined;
      const annotations = parseToolJson<Record<string, string>>(kubectl, text);
      return parseRecord(annotations[annotation] ?? "");
    },
    async prepare(context) {
      const apply = (value: string, record: TokenRecord, ...options: readonly string[]) =>
        applySecret(context, target, { [annotation]: formatRecord(record) }, value, [
          ...options,
          ...(context.force ? ["--force-conflicts"] : []),
        ]);
      // The server checks permissions, conflicts and admission, and stores nothing.
      await apply("tokctl", { id: "tokctl" }, "--dry-run=server");
      return {
        deliver: (secret: Secret, record) => apply(secret.reveal(), record),
        discard: async () => {},
      };
    },
  };
}

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
function parseSecretKey(argument: string): SecretKey {
  const { target, key } = splitTarget(argument, form, {
    target: /^[^/]+(?:\/[^/]+)?$/,
    // The key is also the name of an annotation, which has stricter rules.
    key: /^[a-z0-9](?:[\w.-]{0,61}[a-z0-9])?$/i,
  });
  const [name = "", namespace] = target.split("/").reverse();
  requireName(name, /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, form);
  if (namespace !== undefined)
    requireName(namespace, /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, form);
  return { namespace, name, key };
}

const namespaceOption = (namespace: string | undefined) =>
  namespace === undefined ? [] : [`--namespace=${namespace}`];

/**
 * Applies one key and the annotations of a secret. Each key has its own field manager, because an
 * apply removes the keys that its manager applied before and that are no longer in the manifest.
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
async function applySecret(
  context: ToolContext,
  { namespace, name, key }: SecretKey,
  annotations: Readonly<Record<string, string>>,
  value: string,
  options: readonly string[],
): Promise<void> {
  const manifest = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, annotations },
    data: { [key]: Buffer.from(value).toString("base64") },
  };
  await callTool(
    context,
    kubectl,
    [
      ...[
        "apply",
        "--server-side",
        "--validate=false",
        `--field-manager=tokctl.${key}`,
        ...options,
      ],
      ...[...namespaceOption(namespace), "--output=name", "--filename=-"],
    ],
    JSON.stringify(manifest),
  );
}
