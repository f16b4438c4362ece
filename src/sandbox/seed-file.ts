import { EVENT_ID, getScalarValue, load, parseEvents, YAMLException } from "js-yaml";
import * as v from "valibot";
import { jsonObject } from "./http.ts";
import { resourceRules, resourceSpecs } from "./ovh-ai/resources/resource.ts";
import type { ResourceSeed } from "./ovh-ai/resources/resources.ts";

/**
 * A seed file is invalid. The message has line and key: "line 7: apps[1].image must be a non-empty
 * string".
 */
export class SeedError extends Error {
  override name = "SeedError";
}

const stopped = { stopped: v.exactOptional(v.boolean(), false) };
const listOf = <Entries extends v.ObjectEntries>(entries: Entries) =>
  v.nullish(v.array(jsonObject(v.strictObject({ ...entries, ...stopped }))), []);

const SeedFile = jsonObject(
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
    labels: `${resourceRules.labels}; quote values that YAML would parse as numbers`,
    stopped: "must be true or false",
    apps: list,
    jobs: list,
    notebooks: list,
  }),
);

/**
 * Parses a seed file: YAML with the lists `apps`, `jobs` and `notebooks`. Each item is the body of
 * a create request, and optionally `stopped: true`.
 * @throws SeedError with key and line, but without the value.
 */
export function parseSeeds(text: string): readonly ResourceSeed[] {
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

/**
 * Describes a validation issue. An issue inside `labels` or `command` is reported for the whole
 * field.
 */
function describe({ expected, path }: v.BaseIssue<unknown>, text: string): string {
  const keys = path?.map(({ key }) => key) ?? [];
  const named = keys.slice(0, 3);
  const name = named.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  const rule = rules.get(named.at(-1)) ?? "must map keys to values";
  const problem = expected === "never" ? "is not a known key" : rule;
  return `line ${lineOf(text, keys)}: ${name.slice(1) || "the document"} ${problem}`;
}

/** Position of a YAML node in the document, and its children by key or index. */
interface NodePosition {
  readonly offset: number;
  readonly text: string;
  readonly children: ReadonlyMap<unknown, NodePosition>;
}

/**
 * Returns the line number, from 1, of the node at this path of keys and indexes in a YAML document.
 * If the path does not exist, returns the line of its last existing parent.
 */
function lineOf(document: string, path: readonly unknown[]): number {
  let node = parsePositions(document);
  for (const key of path) node = node?.children.get(key) ?? node;
  return document.slice(0, node?.offset).split("\n").length;
}

function parsePositions(document: string): NodePosition | undefined {
  const events = parseEvents(document, {}).values();

  /** Reads the next node with its children. Returns undefined at the end of a list or mapping. */
  function read(): NodePosition | undefined {
    const { value: event } = events.next();
    switch (event?.type) {
      case EVENT_ID.DOCUMENT:
        return read();
      case EVENT_ID.SCALAR:
        return {
          offset: event.valueStart,
          text: getScalarValue(document, event),
          children: new Map(),
        };
      case EVENT_ID.ALIAS:
        return { offset: event.anchorStart, text: "", children: new Map() };
      case EVENT_ID.SEQUENCE: {
        const items: NodePosition[] = [];
        for (let item = read(); item; item = read()) items.push(item);
        return { offset: event.start, text: "", children: new Map(items.entries()) };
      }
      case EVENT_ID.MAPPING: {
        const entries = new Map<string, NodePosition>();
        for (let key = read(); key; key = read())
          entries.set(key.text, {
            offset: key.offset,
            text: "",
            children: read()?.children ?? new Map(),
          });
        return { offset: event.start, text: "", children: entries };
      }
      default:
        return undefined;
    }
  }

  return read();
}
