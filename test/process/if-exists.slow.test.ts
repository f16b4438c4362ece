import { join } from "node:path";
import { expect, test } from "vitest";
import { type Environment, runTokctl } from "../support/spawn.ts";
import { useWorkplaces } from "../support/workplace.ts";

const workplaceOf = useWorkplaces();

/** Runs the same create in four concurrent processes. Returns their exit codes and the remaining tokens. */
async function race(name: string, mode: string, envOf: (index: number) => Environment) {
  const runs = [0, 1, 2, 3].map((index) =>
    runTokctl(["token", "create", name, "-r", "ai_training_read", "--if-exists", mode], {
      env: envOf(index),
    }),
  );
  const codes = (await Promise.all(runs)).map(({ code }) => code).toSorted();
  const { stdout } = await runTokctl(["token", "list", "--name", name, "-q"], {
    env: envOf(0),
  });
  return { codes, tokens: stdout.split("\n").filter(Boolean).length };
}

test("concurrent processes of one machine create one token", async () => {
  const { env } = workplaceOf();
  expect(await race("first", "fail", () => env)).toEqual({ codes: [0, 6, 6, 6], tokens: 1 });
});

test("concurrent processes of one machine that create or renew a token all get a secret", async () => {
  const { env } = workplaceOf();
  expect(await race("second", "renew", () => env)).toEqual({ codes: [0, 0, 0, 0], tokens: 1 });
});

test("concurrent creates on several machines leave one token", async () => {
  const { env, surroundings } = workplaceOf();
  const machine = (index: number) => ({
    ...env,
    TOKCTL_STATE_DIR: join(surroundings.folder, `machine-${index}`),
  });
  expect(await race("third", "fail", machine)).toEqual({ codes: [0, 6, 6, 6], tokens: 1 });
});
