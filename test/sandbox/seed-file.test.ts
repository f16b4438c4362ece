import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseSeeds } from "../../src/sandbox/seed-file.ts";
import { startRegionalApi } from "../support/regional-api.ts";

test("the example in docs is what it says", async () => {
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

test.each(["{}", "apps:\n", "apps: []\njobs: []\nnotebooks: []\n"])("%j seeds nothing", (text) => {
  expect(parseSeeds(text)).toEqual([]);
});

test.each([
  ["", /input is empty/],
  ["# a comment\n", /input is empty/],
  ["apps: []\n---\napps: []\n", /single document/],
  ["apps:\n\t- image: i\n", /^line 2: tab/],
  ["apps: [\n", /^line 2: /],
  ["\n- image: i\n", /^line 2: the document must map/],
  ["servers: []\n", /^line 1: servers is not a known key$/],
  ["jobs: []\nimage: i\n", /^line 2: image is not a known key$/],
  ["jobs: []\napps: {}\n", /^line 2: apps must be a list$/],
  ["apps:\n  - []\n", /^line 2: apps\[0\] must map keys/],
  ["apps:\n  - image: i\n  - name: n\n", /^line 3: apps\[1\]\.image must be a non-empty/],
  ["apps:\n  - image: i\n    flavor: x\n", /^line 3: apps\[0\]\.flavor is not a known key$/],
  ["apps: [{image: i,\n stopped: 'yes'}]", /^line 2: apps\[0\]\.stopped must be true or false$/],
  ["jobs:\n- image: i\n  command:\n  - a\n  - 1\n", /^line 5: jobs\[0\]\.command must be a list/],
  [
    "apps:\n- image: i\n  labels:\n    a: b\n    group: 1\n",
    /^line 5: .+\.labels must map .+quotes$/,
  ],
  ["apps:\n- &a\n  image: i\n- *a\n- *b\n", /^line 5: unidentified alias/],
  ["notebooks:\n- &n {name: n}\njobs:\n- *n\n", /^line 4: jobs\[0\]\.image /],
  ["apps: &x\n- *x\n", /^line 2: apps\[0\] must map keys/],
])("%j is refused, with key and line", (text, fault) => {
  expect(() => parseSeeds(text)).toThrow(fault);
});
