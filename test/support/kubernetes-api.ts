import { json, type Reply, serve } from "./store-server.ts";

/** A secret as the API stores it, with the fields of each manager. */
interface StoredSecret {
  readonly annotations: Record<string, string>;
  readonly data: Record<string, string>;
  readonly managers: Map<string, Set<string>>;
}

interface Manifest {
  readonly metadata: { readonly annotations?: Record<string, string> };
  readonly data?: Record<string, string>;
}

/**
 * Serves the part of the Kubernetes API that `kubectl apply --server-side` and `kubectl get` of a
 * secret use, with the merge and the conflicts of field managers.
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export async function serveKubernetes() {
  const secrets = new Map<string, StoredSecret>();
  /** Rejects all requests for secrets with a status. */
  const settings: { rejection?: 401 | 403 } = {};
  const server = await serve(async ({ method, path, query, headers, body }) => {
    const found = discovery[path];
    if (found) return json(200, found);
    if (path === "/openapi/v2")
      return { status: 200, type: "application/octet-stream", body: openApi2 };
    const [, key] = /^\/api\/v1\/namespaces\/([^/]+\/secrets\/[^/]+)$/.exec(path) ?? [];
    if (key === undefined) return status(404, "NotFound", "not found");
    if (settings.rejection === 401) return status(401, "Unauthorized", "Unauthorized");
    if (settings.rejection === 403)
      return status(403, "Forbidden", `secrets is forbidden: User "ci" cannot ${method} secrets`);
    const name = key.split("/").at(-1) ?? "";
    if (method === "GET") {
      const stored = secrets.get(key);
      return stored ? json(200, toObject(name, stored)) : notFound(name);
    }
    if (method !== "PATCH" || headers["content-type"] !== "application/apply-patch+yaml")
      return status(405, "MethodNotAllowed", "only apply is emulated");
    const isForced = query.get("force") === "true";
    const outcome = apply(
      secrets.get(key),
      JSON.parse(body),
      query.get("fieldManager") ?? "",
      isForced,
    );
    if ("conflict" in outcome) return outcome.conflict;
    if (query.get("dryRun") !== "All") secrets.set(key, outcome.applied);
    return json(200, toObject(name, outcome.applied));
  });
  return {
    ...server,
    secrets,
    settings,
    /** The content of a kubeconfig file. */
    kubeconfig: JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "test", cluster: { server: server.url } }],
      contexts: [{ name: "test", context: { cluster: "test" } }],
      "current-context": "test",
    }),
    /** Creates a secret by another field manager. */
    create(key: string, data: Record<string, string>) {
      const fields = new Set(Object.keys(data).map((each) => `data.${each}`));
      secrets.set(key, { annotations: {}, data, managers: new Map([["kubectl-create", fields]]) });
    },
  };
}

function apply(
  before: StoredSecret | undefined,
  { metadata, data = {} }: Manifest,
  manager: string,
  isForced: boolean,
): { readonly applied: StoredSecret } | { readonly conflict: Reply } {
  const applied: StoredSecret = {
    annotations: { ...before?.annotations },
    data: { ...before?.data },
    managers: new Map([...(before?.managers ?? [])].map(([name, set]) => [name, new Set(set)])),
  };
  const wanted = new Map<string, string>([
    ...Object.entries(data).map(([key, value]) => [`data.${key}`, value] as const),
    ...Object.entries(metadata.annotations ?? {}).map(
      ([key, value]) => [`annotations.${key}`, value] as const,
    ),
  ]);
  const locate = (field: string) => {
    const [, part, key = ""] = /^(data|annotations)\.(.*)$/.exec(field) ?? [];
    return { values: part === "data" ? applied.data : applied.annotations, key };
  };
  for (const [field, value] of wanted) {
    const { values, key } = locate(field);
    for (const [name, fields] of applied.managers) {
      if (name === manager || !fields.has(field) || values[key] === value) continue;
      if (!isForced)
        return {
          conflict: status(
            409,
            "Conflict",
            `Apply failed with 1 conflict: conflict with "${name}" using v1: .${field}`,
            {
              causes: [
                {
                  reason: "FieldManagerConflict",
                  message: `conflict with "${name}" using v1`,
                  field: `.${field}`,
                },
              ],
            },
          ),
        };
      fields.delete(field);
    }
    values[key] = value;
  }
  for (const field of applied.managers.get(manager) ?? []) {
    const isOwnedByOthers = [...applied.managers].some(
      ([name, fields]) => name !== manager && fields.has(field),
    );
    const { values, key } = locate(field);
    if (!wanted.has(field) && !isOwnedByOthers) delete values[key];
  }
  applied.managers.set(manager, new Set(wanted.keys()));
  return { applied };
}

const toObject = (name: string, { annotations, data }: StoredSecret) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace: "default", uid: "1", resourceVersion: "1", annotations },
  type: "Opaque",
  data,
});

const status = (code: number, reason: string, message: string, details: object = {}): Reply =>
  json(code, {
    apiVersion: "v1",
    kind: "Status",
    status: "Failure",
    reason,
    message,
    code,
    details,
  });

const notFound = (name: string) =>
  status(404, "NotFound", `secrets "${name}" not found`, { name, kind: "secrets" });

const secretPath = "/api/v1/namespaces/{namespace}/secrets/{name}";
const kind = { group: "", kind: "Secret", version: "v1" };

/** The replies to the requests that kubectl sends first. */
const discovery: Readonly<Record<string, object>> = {
  "/version": { major: "1", minor: "32", gitVersion: "v1.32.0" },
  "/api": { kind: "APIVersions", versions: ["v1"] },
  "/apis": { kind: "APIGroupList", apiVersion: "v1", groups: [] },
  "/api/v1": {
    kind: "APIResourceList",
    groupVersion: "v1",
    resources: [
      {
        name: "secrets",
        singularName: "secret",
        namespaced: true,
        kind: "Secret",
        verbs: ["create", "get", "patch"],
      },
    ],
  },
  "/openapi/v3": { paths: { "api/v1": { serverRelativeURL: "/openapi/v3/api/v1" } } },
  "/openapi/v3/api/v1": {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "v1.32.0" },
    paths: {
      [secretPath]: {
        patch: {
          parameters: [{ name: "dryRun", in: "query", schema: { type: "string" } }],
          responses: {},
          "x-kubernetes-group-version-kind": kind,
        },
      },
    },
  },
};

/** Encodes a field of a protocol buffer whose content has a length. */
const field = (number: number, ...content: readonly (Buffer | string)[]): Buffer => {
  const bytes = Buffer.concat(content.map((each) => Buffer.from(each)));
  const length: number[] = [];
  for (let rest = bytes.length; ; rest >>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
};

/** The same as an OpenAPI 2 document, in the encoding that kubectl before 1.28 requests. */
const openApi2 = field(
  8,
  field(
    2,
    field(1, secretPath),
    field(
      2,
      field(
        8,
        field(8, field(1, field(2, field(3, field(2, "query"), field(4, "dryRun"))))),
        field(
          13,
          field(1, "x-kubernetes-group-version-kind"),
          field(2, field(2, JSON.stringify(kind))),
        ),
      ),
    ),
  ),
);
