import { expect, test } from "vitest";
import { parseRecord } from "../../src/sinks/token-record.ts";
import { createCalls, expectRotations, findManifest, type Role } from "../support/example-files.ts";
import { serveGithub } from "../support/github-api.ts";
import { installGlab } from "../support/glab.ts";
import { serveKubernetes } from "../support/kubernetes-api.ts";
import { createPlaces } from "../support/places.ts";
import { testWith } from "../support/tools.ts";

// The files of examples/ with a secret store, against emulated servers and the sandbox.

testWith("kubectl")("kubernetes.yaml uses exactly the permissions of its role", async () => {
  const api = await serveKubernetes();
  api.create("production/secrets/app", {});
  const places = createPlaces();
  places.write("config", api.kubeconfig);
  const { args, env } = createCalls(places).kubernetes();
  const cluster = { HOME: places.at(""), KUBECONFIG: places.at("config") };
  await expectRotations(places, { args, env: { ...env, ...cluster } }, () => {
    const { CI_TOKEN = "" } = api.secrets.get("production/secrets/app")?.data ?? {};
    return Buffer.from(CI_TOKEN, "base64").toString();
  });
  const [rule] = findManifest<Role>("Role").rules;
  const requests = api.requests.filter(({ path }) => path.includes("/secrets"));
  const verbs = requests.map(({ method }) => method.toLowerCase());
  expect([...new Set(verbs)].toSorted()).toEqual(rule?.verbs);
  expect([...new Set(requests.map(({ path }) => path))]).toEqual([
    `/api/v1/namespaces/production/secrets/${rule?.resourceNames[0]}`,
  ]);
});

testWith("gh")("github-actions.yml sets a secret of the repository", async () => {
  const api = await serveGithub("me/app", Buffer.alloc(32, 9).toString("base64"));
  const places = createPlaces();
  const { args, env } = createCalls(places).github();
  const runner = { ...api.env, HOME: places.at(""), NO_PROXY: "" };
  const id = await expectRotations(places, { args, env: { ...runner, ...env } });
  expect(api.secrets.has("CI_TOKEN")).toBe(true);
  expect(parseRecord(api.variables.get("CI_TOKEN_TOKCTL") ?? "")).toMatchObject({ id });
});

test("gitlab-ci.yml sets a variable of the project", async () => {
  const places = createPlaces();
  const glab = installGlab(places);
  const { args, env } = createCalls(places).gitlab();
  const call = { args, env: { ...env, ...glab.options.env } };
  await expectRotations(places, call, () => glab.state()["CI_TOKEN"] ?? "");
});
