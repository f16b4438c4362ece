import { json, serve } from "./store-server.ts";

/**
 * Serves the part of Google Cloud Secret Manager that adds versions and changes annotations of the
 * secret `ci`. gcloud checks that the server has verified the checksum of the value.
 * @see https://cloud.google.com/secret-manager/docs/reference/rest
 */
export async function serveGoogleSecrets() {
  const values: string[] = [];
  const annotations: Record<string, string> = {};
  const name = "projects/team/secrets/ci";
  const server = await serve(async ({ method, path, body }) => {
    if (!path.startsWith(`/v1/${name}`))
      return json(404, {
        error: { code: 404, message: "Secret not found", status: "NOT_FOUND" },
      });
    if (path.endsWith(":addVersion")) {
      values.push(Buffer.from(JSON.parse(body).payload.data, "base64").toString());
      return json(200, {
        name: `${name}/versions/${values.length}`,
        clientSpecifiedPayloadChecksum: true,
      });
    }
    if (method === "PATCH") Object.assign(annotations, JSON.parse(body).annotations);
    return json(200, { name, annotations, etag: '"1"' });
  });
  return {
    ...server,
    values,
    annotations,
    env: {
      CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${server.url}/`,
      CLOUDSDK_CORE_PROJECT: "team",
      CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "1",
    },
  };
}
