import { expect, test } from "vitest";
import { createTimeBudget } from "../../src/core/time-budget.ts";

/** A budget, and a clock that work moves on. */
function createBudget(total: number, reserve = 0) {
  let time = 0;
  const budget = createTimeBudget(() => new Date(time), total, reserve);
  const pass = (milliseconds: number) => {
    time += milliseconds;
  };
  return { ...budget, pass };
}

test("only work is counted, not what goes on between", async () => {
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

test("what goes on at the same time, or within, counts once, and what fails counts too", async () => {
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

test("a reserve is there though all was spent, and shortens nothing", async () => {
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

test("a clock that is put back gives no time", async () => {
  const { spend, remaining, pass } = createBudget(100);
  await spend(async () => pass(-1000));
  expect(remaining()).toBe(100);
});
