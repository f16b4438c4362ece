import { readFileSync, writeFileSync } from "node:fs";
import { delimiter } from "node:path";
import { expect } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { parseRecord } from "../../src/sinks/token-record.ts";
import { errorOf } from "../support/error-of.ts";
import { serveGithub } from "../support/github-api.ts";
import { serveGoogleSecrets } from "../support/google-secrets.ts";
import { serveKubernetes } from "../support/kubernetes-api.ts";
import { createPlaces, type Places } from "../support/places.ts";
import { serveSecretsManager } from "../support/secrets-manager.ts";
import { findTool, testWith } from "../support/tools.ts";

/**
 * Returns an environment whose PATH begins with a program that records its arguments and its
 * environment and then runs the tool.
 */
function recordTool(places: Places, name: string, env: Record<string, string>, more = "") {
  places.write(name, `#!/bin/sh\n{ printf '%s\\n' "$@"; env; } >>'${places.at("seen")}'\n`);
  writeFileSync(places.at(name), `exec '${findTool(name)}' "$@" ${more}\n`, { flag: "a" });
  places.executable(name);
  const PATH = `${places.at("")}${delimiter}${process.env["PATH"]}`;
  return { env: { HOME: process.env["HOME"] ?? "", ...env, PATH } };
}

/** Expects that no argument and no environment variable of the tool contained the secret. */
function expectHidden(places: Places, secret: string) {
  expect(secret).toMatch(/^\S{64}$/);
  expect(readFileSync(places.at("seen"), "utf8")).not.toContain(secret);
}

const decode = (text = "") => Buffer.from(text, "base64").toString();

async function createKubernetes() {
  const api = await serveKubernetes();
  const places = createPlaces();
  places.write("config", api.kubeconfig);
  const options = recordTool(places, "kubectl", { KUBECONFIG: places.at("config") });
  return { api, places, options };
}

testWith("kubectl")("k8s-secret writes two keys of a secret and their records", async () => {
  const { api, places, options } = await createKubernetes();
  api.create("team/secrets/ci", { OTHER: "b3RoZXI=" });
  const to = ["k8s-secret:team/ci#A", "k8s-secret:team/ci#B"];
  expect(await places.create(to, options)).toMatchObject({ code: 0 });
  const { id } = await places.json("token get ci");
  const stored = api.secrets.get("team/secrets/ci");
  const secret = decode(stored?.data["A"]);
  expect(await places.owner(secret)).toBe("ci");
  expect(stored?.data).toEqual({ A: stored?.data["A"], B: stored?.data["A"], OTHER: "b3RoZXI=" });
  expect(parseRecord(stored?.annotations["tokctl/B"] ?? "")).toMatchObject({ id, name: "ci" });
  expectHidden(places, secret);

  expect(await places.renew([to[0] ?? ""], options)).toMatchObject({ code: 0 });
  const renewed = api.secrets.get("team/secrets/ci");
  expect(await places.owner(decode(renewed?.data["A"]))).toBe("ci");
  expect(renewed?.data["B"]).toBe(stored?.data["B"]);
});

testWith("kubectl")("k8s-secret leaves the key of another manager without --force", async () => {
  const { api, places, options } = await createKubernetes();
  api.create("default/secrets/ci", { A: "b2xk" });
  const refused = await places.create(["k8s-secret:ci#A"], options);
  expect(refused.code).toBe(2);
  expect(errorOf(refused)).toMatchObject({
    message: expect.stringContaining('conflict with "kubectl-create"'),
    hint: expect.stringContaining("--force"),
  });
  expect(places.requests).toEqual([]);
  expect(api.secrets.get("default/secrets/ci")?.data).toEqual({ A: "b2xk" });
  expect(await places.create(["k8s-secret:ci#A"], options, ["--force"])).toMatchObject({ code: 0 });
  expect(await places.owner(decode(api.secrets.get("default/secrets/ci")?.data["A"]))).toBe("ci");
});

testWith("kubectl")(
  "k8s-secret reports a missing permission before a token is created",
  async () => {
    const { api, places, options } = await createKubernetes();
    for (const [rejection, names] of [
      [401, /Unauthorized[\s\S]*Sign in/],
      [403, /forbidden[\s\S]*RBAC/],
    ] as const) {
      api.settings.rejection = rejection;
      const { code, stderr } = await places.create(["k8s-secret:ci#A"], options);
      expect(code).toBe(2);
      expect(stderr).toMatch(names);
    }
    expect(places.requests).toEqual([]);
  },
);

testWith("kubectl")(
  "a later destination that fails keeps the first one and its record",
  async () => {
    const { api, places, options } = await createKubernetes();
    const to = ["k8s-secret:ci#A", "k8s-secret:ci#B"];
    const fetch: Fetch = async (url, init) => {
      const reply = await places.sandbox.request(url, init);
      // The key B gets another manager between the check and the delivery.
      if (init.method === "POST") api.create("default/secrets/ci", { B: "b2xk" });
      return reply;
    };
    const { code, stderr, stdout } = await places.create(to, { ...options, fetch }, ["-o", "json"]);
    expect(code).toBe(9);
    expect(JSON.parse(stdout).deliveries).toMatchObject([
      { to: to[0], delivered: true },
      { to: to[1], delivered: false, error: { hint: expect.stringContaining("--force") } },
    ]);
    expect(errorOf({ stderr }).hint).toMatch(/tokctl token renew \S+ --to/);
    const { id } = await places.json("token get ci");
    const { annotations, data } = api.secrets.get("default/secrets/ci") ?? {};
    expect(await places.owner(decode(data?.["A"]))).toBe("ci");
    expect(data?.["B"]).toBe("b2xk");
    expect(annotations).toMatchObject({ "tokctl/A": expect.stringContaining(`id=${id} `) });
    expect(await places.renew(to, options, ["--force"])).toMatchObject({ code: 0 });
    expect(await places.owner(decode(api.secrets.get("default/secrets/ci")?.data["B"]))).toBe("ci");
  },
);

async function createGithub() {
  const api = await serveGithub("me/app", Buffer.alloc(32, 9).toString("base64"));
  const places = createPlaces();
  return { api, places, options: recordTool(places, "gh", { ...api.env, NO_PROXY: "" }) };
}

testWith("gh")(
  "github-secret writes an encrypted secret, and a variable as its record",
  async () => {
    const { api, places, options } = await createGithub();
    const to = ["github-secret:me/app#TOKEN", `file:${places.at("copy")}`];
    expect(await places.create(to, options)).toMatchObject({ code: 0 });
    const { id } = await places.json("token get ci");
    // A sealed box is 48 bytes longer than its content.
    const box = Buffer.from(api.secrets.get("TOKEN")?.encrypted_value ?? "", "base64");
    expect(box).toHaveLength(48 + 64);
    expect(parseRecord(api.variables.get("TOKEN_TOKCTL") ?? "")).toEqual({
      id,
      name: "ci",
      deliveredAt: "2026-11-23T12:00:00Z",
    });
    expectHidden(places, places.read("copy"));
    expect(JSON.stringify(api.requests)).not.toContain(places.read("copy"));
  },
);

testWith("gh")(
  "github-secret keeps both IDs in the record if the secret is not stored",
  async () => {
    const { api, places, options } = await createGithub();
    const to = ["github-secret:me/app#TOKEN"];
    await places.create(to, options);
    const { id: old } = await places.json("token get ci");
    await places.run(`token delete ${old}`);
    api.settings.failing = (method, path) => method === "PUT" && path.endsWith("/secrets/TOKEN");
    const failed = await places.create(to, options);
    expect(failed.code).toBe(9);
    expect(errorOf(failed).hint).toContain("HTTP 503");
    const record = parseRecord(api.variables.get("TOKEN_TOKCTL") ?? "");
    expect(record?.previousIds).toEqual([old]);
    expect(await places.json("token list")).toEqual([]);
  },
);

testWith("gh")("github-secret reports a rejected credential and a missing repository", async () => {
  const { places, options } = await createGithub();
  const env = { ...options.env, GH_TOKEN: "no", GH_ENTERPRISE_TOKEN: "no" };
  const signedOut = await places.create(["github-secret:me/app#TOKEN"], { env });
  const missing = await places.create(["github-secret:me/none#TOKEN"], options);
  expect([signedOut.code, missing.code]).toEqual([2, 2]);
  expect(errorOf(signedOut).hint).toContain("gh auth login");
  expect(errorOf(missing)).toMatchObject({ message: expect.stringContaining("HTTP 404") });
  expect(places.requests).toEqual([]);
});

async function createAws() {
  const api = await serveSecretsManager();
  const places = createPlaces();
  const options = recordTool(places, "aws", api.env, `--endpoint-url '${api.url}'`);
  api.secrets.set("ci", new Map());
  return { api, places, options };
}

testWith("aws")("aws-secret writes a version and its record in one request", async () => {
  const { api, places, options } = await createAws();
  expect(await places.create(["aws-secret:ci"], options)).toMatchObject({ code: 0 });
  const { id } = await places.json("token get ci");
  expect(await places.owner(api.current("ci") ?? "")).toBe("ci");
  const labels = [...(api.secrets.get("ci")?.values() ?? [])].flatMap((version) => version.labels);
  expect(labels).toEqual(["AWSCURRENT", `tokctl id=${id} name=ci delivered=2026-11-23T12:00:00Z`]);
  expectHidden(places, api.current("ci") ?? "");
  for (let i = 0; i < 3; i++) {
    places.advance(1000);
    expect((await places.renew(["aws-secret:ci"], options)).code).toBe(0);
  }
  // The labels of a version are removed with the second delivery after it.
  const left = [...(api.secrets.get("ci")?.values() ?? [])].map((version) => version.labels.length);
  expect(left).toEqual([0, 1, 2, 2]);
});

testWith("aws")("aws-secret changes one key of a JSON object", async () => {
  const { api, places, options } = await createAws();
  api.secrets.set("ci", new Map([["1", { value: '{"A":"1"}', labels: ["AWSCURRENT"] }]]));
  const to = ["aws-secret:ci#B", "aws-secret:ci#C"];
  expect(await places.create(to, options)).toMatchObject({ code: 0 });
  const { A, B, C } = JSON.parse(api.current("ci") ?? "");
  expect({ A, C }).toEqual({ A: "1", C: B });
  expect(await places.owner(B)).toBe("ci");
  const version = [...(api.secrets.get("ci")?.values() ?? [])].at(-1);
  expect(version?.labels.map((label) => label.split(" ")[0]).sort()).toEqual([
    "AWSCURRENT",
    "tokctl/B",
    "tokctl/C",
  ]);
  expectHidden(places, B);
});

testWith("aws")("aws-secret reports a missing secret and a missing permission", async () => {
  const { api, places, options } = await createAws();
  const missing = await places.create(["aws-secret:other"], options);
  expect(missing.code).toBe(2);
  expect(errorOf(missing).hint).toContain("create-secret");
  api.denied.add("PutSecretValue");
  const denied = await places.create(["aws-secret:ci"], options);
  expect(denied.code).toBe(9);
  expect(denied.stderr).toMatch(/AccessDeniedException[\s\S]*PutSecretValue/);
  expect(await places.json("token list")).toEqual([]);
});

testWith("gcloud")("gcp-secret adds a version, and an annotation as its record", async () => {
  const api = await serveGoogleSecrets();
  const places = createPlaces();
  places.write("access-token", "google-token");
  const options = recordTool(places, "gcloud", {
    ...api.env,
    CLOUDSDK_CONFIG: places.at("gcloud-config"),
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: places.at("access-token"),
  });
  expect(await places.create(["gcp-secret:ci"], options)).toMatchObject({ code: 0 });
  const { id } = await places.json("token get ci");
  expect(await places.owner(api.values[0] ?? "")).toBe("ci");
  expect(parseRecord(api.annotations["tokctl"] ?? "")).toEqual({
    id,
    name: "ci",
    deliveredAt: "2026-11-23T12:00:00Z",
  });
  expectHidden(places, api.values[0] ?? "");
  const missing = await places.create(["gcp-secret:none"], options);
  expect(missing.code).toBe(2);
  expect(errorOf(missing).hint).toContain("gcloud secrets create");
});
