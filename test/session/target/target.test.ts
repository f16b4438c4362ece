import { expect, test } from "vitest";
import { resolveTarget, unwrap } from "../../../src/session/target/target.ts";

const work = { name: "work", provider: "ovh-cloud", url: "https://eu.api.ovh.com/1.0" };
const profiles = {
  current: () => "work",
  get: () => ({ ...work, project: "p1", allowHttp: "true" }),
};

test("each value has its source", () => {
  const target = resolveTarget({
    options: { url: "https://ca.api.ovh.com/1.0", retries: 1 },
    env: { TOKCTL_PROJECT: "p2", HTTPS_PROXY: "http://proxy.example:3128" },
    profiles,
  });
  expect(unwrap(target.profile)?.source).toBe("default");
  expect(unwrap(target.provider).id).toBe("ovh-cloud");
  expect(unwrap(target.baseUrl)).toMatchObject({ source: "flag" });
  expect(unwrap(target.settings)).toMatchObject({
    provider: { source: "profile" },
    project: { value: "p2", source: "environment", name: "TOKCTL_PROJECT" },
  });
  expect(unwrap(target.projectRefs)).toEqual({ project: "p2" });
  expect(unwrap(target.allowHttp)).toBe("profile");
  expect(unwrap(target.credential)).toMatchObject({ source: "profile", name: "work" });
  expect(target.timeout).toEqual({ request: 30_000, total: 600_000, source: "default" });
  expect(target.retries).toEqual({ text: "1", source: "flag" });
  expect(target.proxy).toMatchObject({ variable: "HTTPS_PROXY" });
});

test("no variable applies with -p, except a proxy", () => {
  const target = resolveTarget({
    options: { profile: "work" },
    env: { TOKCTL_PROJECT: "p2", HTTPS_PROXY: "http://proxy.example:3128" },
    profiles,
  });
  expect(unwrap(target.projectRefs)).toEqual({ project: "p1" });
  expect(target.proxy).toBeDefined();
});

test("it contains no secret", () => {
  const options = { appToken: "s3cr3t", provider: "ovh-ai", region: "GRA" };
  const target = resolveTarget({ options, env: {} });
  expect(JSON.stringify(target)).not.toContain("s3cr3t");
  expect(unwrap(target.credential)).toEqual({ source: "flag", name: "--app-token" });
});

test("a missing value is an error of that value only", () => {
  const target = resolveTarget({ options: { provider: "ovh-cloud" }, env: {} });
  expect(unwrap(target.provider).id).toBe("ovh-cloud");
  expect(() => unwrap(target.baseUrl)).toThrow(expect.objectContaining({ code: "usage" }));
  expect(() => unwrap(target.projectRefs)).toThrow(expect.objectContaining({ code: "usage" }));
});

test("a broken profile is an error of the values that depend on it", () => {
  const get = () => {
    throw new Error("broken");
  };
  const target = resolveTarget({ options: {}, env: {}, profiles: { current: () => "work", get } });
  expect(() => unwrap(target.provider)).toThrow("broken");
  expect(target.timeout.source).toBe("default");
});

test("an option that the provider does not support is an error of the provider", () => {
  const requirements = [{ flag: "--project", capability: "projects" }] as const;
  const target = resolveTarget({ options: { provider: "ovh-ai" }, env: {}, requirements });
  expect(() => unwrap(target.provider)).toThrow(expect.objectContaining({ code: "usage" }));
});
