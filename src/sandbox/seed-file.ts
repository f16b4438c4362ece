import { EVENT_ID, getScalarValue, load, parseEvents, YAMLException } from "js-yaml";
import * as v from "valibot";
import { jsonObject } from "./http.ts";
import { resourceRules, resourceSpecs } from "./ovh-ai/resources/resource.ts";
import type { ResourceSeed } from "./ovh-ai/resources/store.ts";

/** Where something stands in a document, and what stands in it, by key or index. */
interface Place {
  readonly offset: number;
  readonly text: string;
  readonly inside: ReadonlyMap<unknown, Place>;
}

/**
 * The line, counted from 1, of what stands at this path of keys and indexes in a YAML document; of
 * what is not there, the line of that which lacks it.
 */
export function lineOf(document: string, path: readonly unknown[]): number {
  let place = placesIn(document);
  for (const key of path) place = place?.inside.get(key) ?? place;
  return document.slice(0, place?.offset).split("\n").length;
}

function placesIn(document: string): Place | undefined {
  const events = parseEvents(document, {}).values();

  /** Reads on to the end of the next value; undefined at the end of a list or jsonObject. */
  function read(): Place | undefined {
    const { value: event } = events.next();
    switch (event?.type) {
      case EVENT_ID.DOCUMENT:
        return read();
      case EVENT_ID.SCALAR:
        return {
          offset: event.valueStart,
          text: getScalarValue(document, event),
          inside: new Map(),
        };
      case EVENT_ID.ALIAS:
        return { offset: event.anchorStart, text: "", inside: new Map() };
      case EVENT_ID.SEQUENCE: {
        const items: Place[] = [];
        for (let item = read(); item; item = read()) items.push(item);
        return { offset: event.start, text: "", inside: new Map(items.entries()) };
      }
      case EVENT_ID.MAPPING: {
        const entries = new Map<string, Place>();
        for (let key = read(); key; key = read())
          entries.set(key.text, {
            offset: key.offset,
            text: "",
            inside: read()?.inside ?? new Map(),
          });
        return { offset: event.start, text: "", inside: entries };
      }
      default:
        return undefined;
    }
  }

  return read();
}

/** Why a text is no seed file, and where: "line 7: apps[1].image must be a non-empty string". */
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

/** Of what is wrong inside a label or a command, the whole field is named: its rule speaks of that. */
function describe({ expected, path }: v.BaseIssue<unknown>, text: string): string {
  const keys = path?.map(({ key }) => key) ?? [];
  const named = keys.slice(0, 3);
  const name = named.map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`)).join("");
  const rule = rules.get(named.at(-1)) ?? "must map keys to values";
  const fault = expected === "never" ? "is not a known key" : rule;
  return `line ${lineOf(text, keys)}: ${name.slice(1) || "the document"} ${fault}`;
}
