import { describe, expect, test } from "vitest";
import { createFamily, firstTokens } from "../support/family.ts";

const day = 86_400_000;
const minute = 60_000;

describe.each(Object.keys(firstTokens) as (keyof typeof firstTokens)[])("%s", (api) => {
  test("creates generations, keeps the previous one for the overlap, and deletes it", async () => {
    const { rotate, names, advance, consumer, list } = createFamily(api);
    const others = await names();
    expect(await rotate()).toMatchObject({
      current: { name: "ci-r1" },
      created: { name: "ci-r1", reason: "first" },
      delivered: [{ delivered: true }],
      deleted: [],
    });
    advance(10 * day);
    expect(await rotate()).toMatchObject({ current: { name: "ci-r1" }, created: null });

    advance(20 * day);
    const { created, kept, deleted } = await rotate();
    expect(created).toMatchObject({ name: "ci-r2", reason: "age" });
    expect(kept).toMatchObject([{ name: "ci-r1", reason: "overlap" }]);
    expect(deleted).toEqual([]);
    expect(await names()).toEqual([...others, "ci-r1", "ci-r2"].toSorted());

    advance(day + minute);
    expect(await rotate()).toMatchObject({ created: null, deleted: [{ name: "ci-r1" }], kept: [] });
    expect(await names()).toEqual([...others, "ci-r2"].toSorted());
    if (api !== "ovh-cloud") expect(await consumer()).toBe("ci-r2");
    const successor = (await list()).find(({ name }) => name === "ci-r2");
    expect(successor).toMatchObject(
      { "ovh-ai": { labelSelector: "group=A" }, "ovh-cloud": { region: "GRA" }, osmo: {} }[api],
    );
  });

  test("rotates every day on a daily schedule with jitter for a month", async () => {
    const { rotate, names, advance } = createFamily(api);
    const others = (await names()).length;
    for (let i = 0; i < 30; i++) {
      const { created } = await rotate("--every 1d --overlap 1h");
      expect(created?.name).toBe(`ci-r${i + 1}`);
      expect((await names()).length).toBeLessThanOrEqual(others + 2);
      advance(day + (i % 2 === 0 ? -20 : 20) * minute);
    }
  });
});
