import { load, YAMLException } from "js-yaml";
import * as v from "valibot";
import { mapping } from "./body.ts";
import type { Seed } from "./ovh-ai/resources/seeds.ts";
import { resourceRules, resourceSpecs } from "./ovh-ai/resources/spec.ts";
import { lineOf } from "./yaml-line.ts";

/** Why a text is no seed file, and where: "line 7: apps[1].image must be a non-empty string". */
export class SeedError extends Error {
  override name = "SeedError";
}

const stopped = { stopped: v.exactOptional(v.boolean(), false) };
const listOf = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.nullish(v.array(mapping(v.strictObject({ ...entries, ...stopped }))), []);

const SeedFile = mapping(
  v.strictObject({
    apps: listOf(resourceSpecs.app.entries),
    jobs: listOf(resourceSpecs.job.entries),
    notebooks: listOf(resourceSpecs.notebook.entries),
  }),
);

const list = "must be a list";
const rules: ReadonlyMap<unknown, string> = new Map(
  Object.entries({
    ...resourceRules,
    labels: `${resourceRules.labels}; what YAML takes for a number needs quotes`,
    stopped: "must be true or false",
    apps: list,
    jobs: list,
    notebooks: list,
  }),
);

/**
 * Reads what a sandbox is to start with: `apps`, `jobs` and `notebooks`, each a list of what a
 * create request asks for, and whether it is `stopped`.
 * @throws SeedError naming key and line, but no value.
 */
export function parseSeeds(text: string): readonly Seed[] {
  const result = v.safeParse(SeedFile, parseYaml(text));
  if (!result.success) throw new SeedError(describe(result.issues[0], text));
  const { apps, jobs, notebooks } = result.output;
  return [
    ...apps.map(({ stopped, ...spec }) => ({ kind: "app" as const, spec, stopped })),
    ...jobs.map(({ stopped, ...spec }) => ({ kind: "job" as const, spec, stopped })),
    ...notebooks.map(({ stopped, ...spec }) => ({ kind: "notebook" as const, spec, stopped })),
  ];
}

function parseYaml(text: string): unknown {
  try {
    return load(text);
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { mark, reason } = error;
    throw new SeedError(mark ? `line ${mark.line + 1}: ${reason}` : reason);
  }
}

/** Of what is wrong inside a label or a command, the whole field is named: its rule speaks of that. */
function describe({ expected, path }: v.BaseIssue<unknown>, text: string): string {
  const keys = path?.map(({ key }) => key) ?? [];
  const named = keys.slice(0, 3);
  const name = named.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  const rule = rules.get(named.at(-1)) ?? "must map keys to values";
  const fault = expected === "never" ? "is not a known key" : rule;
  return `line ${lineOf(text, keys)}: ${name.slice(1) || "the document"} ${fault}`;
}
