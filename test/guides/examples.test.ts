import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import {
  type CronJob,
  createCalls,
  expectRotations,
  findManifest,
  loadGitlabJob,
  loadWorkflow,
  type Manifest,
  type Role,
  readExample,
  unitValues,
} from "../support/example-files.ts";
import { createPlaces } from "../support/places.ts";
import { program, start } from "../support/spawn.ts";
import { testWith } from "../support/tools.ts";

// The files of examples/. examples.slow.test.ts runs those with a secret store.
const daily = /^\d+ \d+ \* \* \*$/;

test("the README links every file", () => {
  const links = [...readExample("README.md").matchAll(/\]\(([^/)]+)\)/g)].map(([, name]) => name);
  const files = readdirSync("examples").filter((name) => name !== "README.md");
  expect(links.toSorted()).toEqual(files.toSorted());
});

describe("kubernetes.yaml", () => {
  test("has objects of the right versions, in one namespace", () => {
    const kinds = {
      ServiceAccount: "v1",
      Role: "rbac.authorization.k8s.io/v1",
      RoleBinding: "rbac.authorization.k8s.io/v1",
      CronJob: "batch/v1",
    };
    for (const [kind, apiVersion] of Object.entries(kinds)) {
      const { metadata, ...manifest } = findManifest(kind);
      expect(manifest.apiVersion).toBe(apiVersion);
      expect(metadata).toEqual({ name: "tokctl-rotate", namespace: "production" });
    }
  });

  test("binds a role that may read and patch one secret, and nothing else", () => {
    const rule = {
      apiGroups: [""],
      resources: ["secrets"],
      resourceNames: ["app"],
      verbs: ["get", "patch"],
    };
    expect(findManifest<Role>("Role").rules).toEqual([rule]);
    const { metadata } = findManifest("ServiceAccount");
    expect(findManifest("RoleBinding")).toMatchObject({
      roleRef: { kind: "Role", name: findManifest("Role").metadata.name },
      subjects: [{ kind: "ServiceAccount", ...metadata }],
    });
  });

  test("starts one unprivileged job every day, with the credential from a secret", () => {
    const { spec } = findManifest<CronJob>("CronJob");
    const fields = ["schedule", "concurrencyPolicy", "startingDeadlineSeconds", "jobTemplate"];
    expect(Object.keys(spec)).toEqual(fields);
    expect(spec.schedule).toMatch(daily);
    expect(spec).toMatchObject({ concurrencyPolicy: "Forbid" });
    const pod = spec.jobTemplate.spec.template.spec;
    expect(pod).toMatchObject({
      serviceAccountName: findManifest("ServiceAccount").metadata.name,
      securityContext: { runAsNonRoot: true },
      containers: [
        {
          envFrom: [{ secretRef: { name: "tokctl-credential" } }],
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        },
      ],
    });
    expect(readExample("README.md")).toContain("create secret generic tokctl-credential ");
  });

  testWith("kubectl")("has no field that Kubernetes does not define", () => {
    // kubectl parses a local manifest into its types, which drops unknown fields. It prints only changed ones.
    const parse = (manifest: object, ...change: readonly string[]) =>
      JSON.parse(
        execFileSync("kubectl", ["set", ...change, "--local", "-f", "-", "-o", "json"], {
          input: JSON.stringify(manifest),
          encoding: "utf8",
        }),
      );
    const { metadata, spec } = findManifest<CronJob>("CronJob");
    // A Job, because kubectl before 1.21 has no CronJob of this version.
    const job = { apiVersion: "batch/v1", kind: "Job", metadata, spec: spec.jobTemplate.spec };
    const changed = structuredClone(job);
    const variable = { name: "CHANGED", value: "yes" };
    changed.spec.template.spec.containers[0].env.push(variable);
    expect(parse(job, "env", "CHANGED=yes")).toMatchObject(changed);
    const binding = findManifest<Manifest>("RoleBinding");
    const { name, namespace } = findManifest("ServiceAccount").metadata;
    const subject = `--serviceaccount=${namespace}:${name}`;
    expect(parse({ ...binding, subjects: [] }, "subject", subject)).toMatchObject(binding);
  });

  test("has an image with tokctl as its entry point, for a user other than root", () => {
    const lines = readExample("Dockerfile")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split(" "));
    const known = ["FROM", "ARG", "COPY", "RUN", "USER", "ENTRYPOINT"];
    expect(lines.filter(([instruction = ""]) => !known.includes(instruction))).toEqual([]);
    const images = lines.filter(([instruction]) => instruction === "FROM").map(([, name]) => name);
    expect(images).toEqual([
      expect.stringMatching(/^registry\.k8s\.io\/kubectl:v1\.\d+\.\d+$/),
      expect.stringMatching(/^node:\d+-\w+-slim$/),
    ]);
    expect(lines).toContainEqual(["USER", expect.stringMatching(/^[1-9]\d*$/)]);
    expect(lines.at(-1)).toEqual(["ENTRYPOINT", '["tokctl"]']);
  });
});

/** Returns the keys of an object that are not in a list. */
const unknownKeys = (object: object, known: readonly string[]) =>
  Object.keys(object).filter((key) => !known.includes(key));

describe("github-actions.yml", () => {
  const workflow = loadWorkflow();
  const { rotate } = workflow.jobs;

  test("is a workflow that starts every day, without permissions", () => {
    const keys = ["name", "on", "permissions", "concurrency", "jobs"];
    expect(Object.keys(workflow)).toEqual(keys);
    expect(unknownKeys(workflow.on, ["schedule", "workflow_dispatch"])).toEqual([]);
    expect(workflow.on.schedule).toEqual([{ cron: expect.stringMatching(daily) }]);
    expect(workflow.permissions).toEqual({});
    expect(unknownKeys(rotate, ["runs-on", "timeout-minutes", "steps"])).toEqual([]);
    for (const step of rotate.steps)
      expect(unknownKeys(step, ["uses", "with", "run", "env"])).toEqual([]);
  });

  test("uses the actions of this repository's workflows, by commit", () => {
    const used = rotate.steps.flatMap(({ uses }) => uses ?? []);
    const ci = readFileSync(".github/workflows/ci.yml", "utf8");
    expect(used).toEqual([expect.stringMatching(/^actions\/setup-node@[0-9a-f]{40}$/)]);
    for (const action of used) expect(ci).toContain(action);
  });

  test("reads the credentials from secrets, in the step of tokctl only", () => {
    const [, , ...rest] = rotate.steps;
    expect(rotate.steps.filter(({ env }) => env)).toEqual(rest);
    expect(rest).toMatchObject([
      {
        env: {
          TOKCTL_APP_TOKEN: expect.stringMatching(/^\$\{\{ secrets\.TOKCTL_APP_TOKEN \}\}$/),
          GH_TOKEN: expect.stringMatching(/^\$\{\{ secrets\.ROTATION_TOKEN \}\}$/),
        },
      },
    ]);
    // An expression in a script is replaced before the shell parses it.
    expect(rotate.steps.filter(({ run }) => run?.includes("${{"))).toEqual([]);
  });
});

test("gitlab-ci.yml has a job for scheduled pipelines, without a credential", () => {
  expect(Object.keys(load(readExample("gitlab-ci.yml")) as object)).toEqual(["rotate-token"]);
  const job = loadGitlabJob();
  const keys = ["image", "rules", "resource_group", "timeout", "variables", "script"];
  expect(Object.keys(job)).toEqual(keys);
  expect(job.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "schedule"' }]);
  expect(Object.keys(job.variables).filter((name) => name.includes("TOKEN"))).toEqual([]);
  expect(job.script).toHaveLength(3);
  const [, schedule] = /--cron "([^"]+)"/.exec(readExample("README.md")) ?? [];
  expect(schedule).toMatch(daily);
});

describe("the units of systemd", () => {
  const units = ["tokctl-rotate.service", "tokctl-rotate.timer"];

  testWith("systemd-analyze")("pass systemd-analyze verify", async () => {
    const places = createPlaces();
    for (const unit of units)
      places.write(unit, readExample(unit).replace("/usr/local/bin/tokctl", program));
    const args = ["verify", "--man=no", ...units.map(places.at)];
    const { code, stdout, stderr } = await start("systemd-analyze", args, { env: process.env })
      .ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("run tokctl every day, with the credential from a file", async () => {
    expect(unitValues("tokctl-rotate.timer", "OnCalendar")).toEqual(["daily"]);
    expect(unitValues("tokctl-rotate.timer", "Persistent")).toEqual(["yes"]);
    expect(unitValues("tokctl-rotate.service", "Environment").join()).not.toContain("TOKEN");
    const places = createPlaces();
    await expectRotations(places, createCalls(places).systemd(), () => secretIn(places));
  });
});

test("tokctl.cron runs tokctl every day, with the credential from a file", async () => {
  const lines = readExample("tokctl.cron").split("\n");
  const entries = lines.filter((line) => line !== "" && !/^(#|[A-Z]+=)/.test(line));
  expect(entries).toHaveLength(1);
  // In a crontab, % is a line break.
  expect(entries.join()).not.toContain("%");
  const places = createPlaces();
  await expectRotations(places, createCalls(places).cron(), () => secretIn(places));
});

/** Returns the secret in the .env file of an example. */
const secretIn = (places: ReturnType<typeof createPlaces>) =>
  /^CI_TOKEN=(.*)$/m.exec(places.read("tokens.env"))?.[1] ?? "";
