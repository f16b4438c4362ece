import { describe, expect, test } from "vitest";
import { providerIds } from "../../src/providers/index.ts";
import { runLoop } from "../support/recovery-loop.ts";

/** For a longer search, set another seed and another number of runs. */
const seed = Number(process.env["TOKCTL_LOOP_SEED"] ?? "1");
const runs = Number(process.env["TOKCTL_LOOP_RUNS"] ?? "40");

const settings = [
  { machines: 1, names: 0, atOnce: 1 },
  { machines: 1, names: 4, atOnce: 3 },
  { machines: 3, names: 0, atOnce: 3 },
  { machines: 3, names: 4, atOnce: 1 },
] as const;

describe.each(providerIds)("%s", (api) => {
  test.each(settings)(`loses and destroys no secret: seed ${seed}, %j`, async (more) => {
    const { history, ...report } = await runLoop({ api, seed, runs, ...more });
    const expected = { orphans: [], destroyed: [], endless: [] };
    expect(report, history.join("\n\n")).toMatchObject(expected);
    expect(report.made).toBeGreaterThanOrEqual(runs / 10);
  });
});
