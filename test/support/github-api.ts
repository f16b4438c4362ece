import { json, type Reply, serve } from "./store-server.ts";

/**
 * Serves the part of GitHub's REST API for the secrets and variables of one repository. gh connects
 * to the host `github.localhost` through it, as a proxy.
 * @see https://docs.github.com/rest/actions/secrets
 * @see https://docs.github.com/rest/actions/variables
 */
export async function serveGithub(repository: string, publicKey: string) {
  const secrets = new Map<string, { readonly encrypted_value: string; readonly key_id: string }>();
  const variables = new Map<string, string>();
  const settings: { failing?: (method: string, path: string) => boolean; token: string } = {
    token: "github-token",
  };
  const server = await serve(async ({ method, path, headers, body }) => {
    if (headers["authorization"] !== `token ${settings.token}`)
      return message(401, "Bad credentials");
    const prefix = `/repos/${repository}/actions/`;
    if (!path.startsWith(prefix)) return message(404, "Not Found");
    const [kind, name] = path.slice(prefix.length).split("/");
    if (settings.failing?.(method, path)) return message(503, "Service unavailable");
    if (kind === "secrets" && name === "public-key")
      return json(200, { key_id: "1", key: publicKey });
    if (kind === "secrets" && name && method === "PUT") {
      secrets.set(name, JSON.parse(body));
      return json(201, {});
    }
    if (kind !== "variables") return message(404, "Not Found");
    if (method === "POST") {
      const variable = JSON.parse(body);
      variables.set(variable.name, variable.value);
      return json(201, {});
    }
    const value = name && variables.get(name);
    if (!name || value === undefined) return message(404, "Not Found");
    if (method === "GET") return json(200, { name, value });
    variables.set(name, JSON.parse(body).value);
    return { ...json(204, undefined), body: "" };
  });
  return {
    ...server,
    secrets,
    variables,
    settings,
    env: {
      GH_HOST: "github.localhost",
      GH_TOKEN: settings.token,
      GH_ENTERPRISE_TOKEN: settings.token,
      HTTP_PROXY: server.url,
    },
  };
}

const message = (status: number, text: string): Reply => json(status, { message: text });
