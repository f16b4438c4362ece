import { describe, expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createPlaces } from "../support/places.ts";

describe("azure-pipelines", () => {
  test("sets a secret variable with a command on stdout", async () => {
    const places = createPlaces();
    const { code, stdout } = await places.create(["azure-pipelines:CI_TOKEN"], {
      env: { TF_BUILD: "True" },
    });
    expect(code).toBe(0);
    const [, secret = ""] =
      /^##vso\[task\.setvariable variable=CI_TOKEN;issecret=true\](\S+)$/m.exec(stdout) ?? [];
    expect(await places.owner(secret)).toBe("ci");
  });

  test("escapes the secret", async () => {
    const places = createPlaces();
    const { stdout } = await places.create(["azure-pipelines:CI_TOKEN"], {
      env: { TF_BUILD: "True" },
      fetch: async (url, init) => {
        const reply = await places.sandbox.request(url, init);
        const { status, ...token } = (await reply.json()) as { status?: object };
        return Response.json({ ...token, status: { ...status, value: "half%0Ahalf-half" } }, reply);
      },
    });
    expect(stdout).toContain("issecret=true]half%AZP250Ahalf-half\n");
  });

  test.each([
    { why: "another system", env: {}, to: "azure-pipelines:A" },
    { why: "a reserved name", env: { TF_BUILD: "True" }, to: "azure-pipelines:secret_a" },
    { why: "an invalid name", env: { TF_BUILD: "True" }, to: "azure-pipelines:a;b" },
  ])("is refused: $why", async ({ env, to }) => {
    const { create, requests } = createPlaces();
    expect(await create([to], { env })).toMatchObject({ code: 2, stdout: "" });
    expect(requests).toEqual([]);
  });
});

test.each([
  "k8s-secret:ci",
  "k8s-secret:a/b/c#A",
  "k8s-secret:CI#A",
  "k8s-secret:ci#-A",
  "vault:secret#A",
  "vault:secret/x#",
  "github-secret:me#A",
  "github-secret:me/app#GITHUB_A",
  "github-secret:me/app#A-B",
  "gitlab-variable:me/app#A-B",
  "aws-secret:ci#",
  "aws-secret:--all",
  "gcp-secret:a b",
  "azure-secret:ci",
])("%s is refused before a tool is started", async (to) => {
  const { create, requests, at } = createPlaces();
  const outcome = await create([to], { env: { PATH: at("") } });
  expect(outcome.code).toBe(2);
  expect(errorOf(outcome).hint).not.toMatch(/Install/);
  expect(requests).toEqual([]);
});
