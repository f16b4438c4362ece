import { expect, test } from "vitest";
import { createTimeBudget } from "../../src/core/time-budget.ts";

/** Creates a budget with a clock that `pass` advances. */
function createBudget(total: number, reserve = 0) {
  let time = 0;
  const budget = createTimeBudget(() => new Date(time), total, reserve);
  const pass = (milliseconds: number) => {
    time += milliseconds;
  };
  return { ...budget, pass };
}

test("counts the time of work, not the time between", async () => {
  const { spend, remaining, pass } = createBudget(100);
  await spend(async () => {
    pass(30);
    expect(remaining()).toBe(70);
  });
  pass(1000);
  expect(remaining()).toBe(70);
  await spend(async () => pass(500));
  expect(remaining()).toBe(0);
});

test("counts concurrent and nested work once, and failed work too", async () => {
  const { spend, remaining, pass } = createBudget(100);
  const failing = spend(async () => {
    await Promise.all([
      spend(async () => pass(10)),
      spend(async () => {
        throw new Error("fails");
      }),
    ]);
  });
  await expect(failing).rejects.toThrow("fails");
  pass(1000);
  expect(remaining()).toBe(90);
});

test("ensures the reserve when all time is spent, and never shortens the rest", async () => {
  const { spend, remaining, ensure, pass } = createBudget(100, 20);
  ensure();
  expect(remaining()).toBe(100);
  await spend(async () => pass(1000));
  ensure();
  expect(remaining()).toBe(20);
  await spend(async () => {
    pass(15);
    ensure();
    expect(remaining()).toBe(20);
  });
});

test("ignores a clock that is set back", async () => {
  const { spend, remaining, pass } = createBudget(100);
  await spend(async () => pass(-1000));
  expect(remaining()).toBe(100);
});
