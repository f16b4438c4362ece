import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { load, loadAll } from "js-yaml";
import { expect } from "vitest";
import type { Places } from "./places.ts";

const day = 86_400_000;

/** Returns the text of a file in examples/. */
export const readExample = (name: string): string => readFileSync(`examples/${name}`, "utf8");

/** A run of tokctl by an engine. */
export interface ExampleCall {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
}

export interface Container {
  readonly args: readonly string[];
  readonly env: { readonly name: string; readonly value: string }[];
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
}

export interface JobSpec {
  readonly template: { readonly spec: { readonly containers: readonly [Container] } };
}

export interface CronJob extends Manifest {
  readonly spec: { readonly schedule: string; readonly jobTemplate: { readonly spec: JobSpec } };
}

export interface Role extends Manifest {
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly resourceNames: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

/** Returns the object of a kind in kubernetes.yaml. */
export function findManifest<T extends Manifest>(kind: string): T {
  const found = (loadAll(readExample("kubernetes.yaml")) as T[]).find((each) => each.kind === kind);
  if (!found) throw new Error(`kubernetes.yaml has no ${kind}`);
  return found;
}

export interface Workflow {
  readonly on: { readonly schedule: readonly { readonly cron: string }[] };
  readonly permissions: object;
  readonly jobs: {
    readonly rotate: {
      readonly steps: readonly {
        readonly uses?: string;
        readonly run?: string;
        readonly env?: Readonly<Record<string, string>>;
      }[];
    };
  };
}

export interface GitlabJob {
  readonly script: readonly string[];
  readonly rules: readonly { readonly if: string }[];
  readonly variables: Readonly<Record<string, string>>;
}

export const loadWorkflow = () => load(readExample("github-actions.yml")) as Workflow;
export const loadGitlabJob = () =>
  (load(readExample("gitlab-ci.yml")) as { readonly "rotate-token": GitlabJob })["rotate-token"];

/** Returns the values of a key in a unit of systemd, with continued lines joined. */
export const unitValues = (unit: string, key: string): readonly string[] =>
  [
    ...readExample(unit)
      .replaceAll(/\\\n\s*/g, "")
      .matchAll(new RegExp(`^${key}=(.*)$`, "gm")),
  ].map(([, value = ""]) => value);

/** The assignments of a file with variables. */
const parseVariables = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));

/**
 * Returns the run of tokctl of each example, with the paths and the API of the test, and the variables
 * that the engine sets.
 */
export function createCalls(places: Places) {
  const localize = (text: string) =>
    text
      .replaceAll(/\/var\/lib\/app|\/etc\/tokctl|%S/g, places.at(""))
      .replaceAll("https://gra.ai.cloud.ovh.net", places.environment["TOKCTL_URL"] ?? "");
  const secret = places.environment["TOKCTL_APP_TOKEN"] ?? "";
  const [, block = ""] =
    /```sh\n(TOKCTL_PROVIDER=.*?)```/s.exec(localize(readExample("README.md"))) ?? [];
  const credential = block.replace("=SECRET", `=${secret}`);
  places.write("credential.env", credential);
  const secrets: Readonly<Record<string, string>> = {
    TOKCTL_APP_TOKEN: secret,
    ROTATION_TOKEN: "github-token",
  };
  const fromRepository = (variables: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [
        name,
        localize(value).replace(/\$\{\{ secrets\.(\w+) \}\}/, (_, key) => secrets[key] ?? ""),
      ]),
    );
  return {
    kubernetes(): ExampleCall {
      const { jobTemplate } = findManifest<CronJob>("CronJob").spec;
      const [container] = jobTemplate.spec.template.spec.containers;
      const own = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
      return { args: container.args, env: { ...parseVariables(credential), ...own } };
    },
    github(): ExampleCall {
      const { steps } = loadWorkflow().jobs.rotate;
      const step = steps.find(({ run }) => run?.startsWith("tokctl "));
      const env = { GITHUB_REPOSITORY: "me/app", ...fromRepository(step?.env ?? {}) };
      return captureCall(step?.run ?? "", env);
    },
    gitlab(): ExampleCall {
      const { script, variables } = loadGitlabJob();
      const env = {
        CI_PROJECT_PATH: "group/app",
        TOKCTL_APP_TOKEN: secret,
        ...fromRepository(variables),
      };
      return captureCall(script.join("\n"), env);
    },
    systemd(): ExampleCall {
      const values = (key: string) => unitValues("tokctl-rotate.service", key).map(localize);
      const [file = ""] = values("EnvironmentFile");
      const env = {
        ...parseVariables(readFileSync(file, "utf8")),
        ...parseVariables(values("Environment").join("\n")),
      };
      const [, ...args] = values("ExecStart").join().split(" ");
      return { args, env };
    },
    cron(): ExampleCall {
      const table = localize(readExample("tokctl.cron"));
      const [, command = ""] = /^\d+ \d+ \* \* \* app (.*)$/m.exec(table) ?? [];
      return captureCall(command, {});
    },
  };
}

/** Runs a script with a stub of tokctl, and returns the arguments and the environment of its call. */
function captureCall(script: string, env: Readonly<Record<string, string>>): ExampleCall {
  const stubs = `npm() { :; }
apk() { :; }
tokctl() { printf '%s\\n' "$@" >&3; env >&4; }
`;
  const { output, status } = spawnSync("sh", ["-euc", stubs + script], {
    env: { ...env, PATH: process.env["PATH"] },
    stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"],
    encoding: "utf8",
  });
  expect({ script, status }).toEqual({ script, status: 0 });
  const [args = "", variables = ""] = output.slice(3).map(String);
  return { args: args.split("\n").slice(0, -1), env: parseVariables(variables) };
}

/**
 * Expects that the daily runs of an example create a token, replace it after 30 days, and delete the
 * previous one after the overlap.
 * @param readSecret returns the secret at the destination.
 * @returns the ID of the second token.
 */
export async function expectRotations(
  places: Places,
  { args, env }: ExampleCall,
  readSecret?: () => string,
): Promise<string> {
  const cleared = Object.fromEntries(
    Object.keys(places.environment).map((name) => [name, undefined]),
  );
  const rotate = () => places.json(args, { env: { ...cleared, ...env } });
  expect(args.join(" ")).not.toContain("app-token");
  expect(await rotate()).toMatchObject({ created: { name: "ci-r1", reason: "first" } });
  places.advance(day);
  expect(await rotate()).toMatchObject({ created: null, current: { name: "ci-r1" }, deleted: [] });
  places.advance(29 * day);
  const { created } = await rotate();
  expect(created).toMatchObject({ name: "ci-r2", reason: "age" });
  if (readSecret) expect(await places.owner(readSecret())).toBe("ci-r2");
  places.advance(day);
  expect(await rotate()).toMatchObject({ created: null, deleted: [{ name: "ci-r1" }] });
  return created.id;
}
