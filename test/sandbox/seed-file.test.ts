import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseSeeds, SeedError } from "../../src/sandbox/seed-file.ts";
import { startRegionalApi } from "../support/regional-api.ts";

test("the example in docs can be parsed", async () => {
  const example = new URL("../../docs/seed.example.yaml", import.meta.url);
  const { call } = startRegionalApi(parseSeeds(await readFile(example, "utf8")));
  const shown = async (kind: string) => {
    const { items } = (await (await call("GET", `/v1/${kind}`)).json()) as { items: Shown[] };
    return items.map(({ spec, status }) => [spec.name, spec.labels["group"], status.state]);
  };
  expect(await shown("app")).toEqual([
    ["translate", "A", "RUNNING"],
    ["summarize", "B", "STOPPED"],
    ["status", undefined, "RUNNING"],
  ]);
  expect(await shown("job")).toEqual([
    ["train", undefined, "RUNNING"],
    [expect.stringMatching(/^job-/), undefined, "DONE"],
  ]);
  expect((await shown("notebook")).map(([name]) => name)).toEqual(["explore", "entangle"]);
});

interface Shown {
  readonly spec: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly state: string };
}

test.each(["{}", "apps:\n", "apps: []\njobs: []\nnotebooks: []\n"])(
  "%j has no resources",
  (text) => {
    expect(parseSeeds(text)).toEqual([]);
  },
);

test.each([
  ["", /./],
  ["# a comment\n", /./],
  ["apps: []\n---\napps: []\n", /./],
  ["apps:\n\t- image: i\n", /^line 2: /],
  ["apps: [\n", /^line 2: /],
  ["\n- image: i\n", /^line 2: /],
  ["servers: []\n", /^line 1: servers /],
  ["jobs: []\nimage: i\n", /^line 2: image /],
  ["jobs: []\napps: {}\n", /^line 2: apps /],
  ["apps:\n  - []\n", /^line 2: apps\[0\] /],
  ["apps:\n  - image: i\n  - name: n\n", /^line 3: apps\[1\]\.image /],
  ["apps:\n  - image: i\n    flavor: x\n", /^line 3: apps\[0\]\.flavor /],
  ["apps: [{image: i,\n stopped: 'yes'}]", /^line 2: apps\[0\]\.stopped /],
  ["jobs:\n- image: i\n  command:\n  - a\n  - 1\n", /^line 5: jobs\[0\]\.command /],
  ["apps:\n- image: i\n  labels:\n    a: b\n    group: 1\n", /^line 5: apps\[0\]\.labels /],
  ["apps:\n- &a\n  image: i\n- *a\n- *b\n", /^line 5: .*alias/],
  ["notebooks:\n- &n {name: n}\njobs:\n- *n\n", /^line 4: jobs\[0\]\.image /],
  ["apps: &x\n- *x\n", /^line 2: apps\[0\] /],
])("%j is refused, with line and key", (text, fact) => {
  expect(() => parseSeeds(text)).toThrow(SeedError);
  expect(() => parseSeeds(text)).toThrow(fact);
});
