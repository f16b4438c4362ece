import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  createSurroundings,
  type Environment,
  type ServedSandbox,
  type Surroundings,
  serveSandbox,
} from "./spawn.ts";

/** A sandbox, an isolated environment, and the variables that select the sandbox. */
export interface Workplace {
  readonly sandbox: ServedSandbox;
  readonly surroundings: Surroundings;
  readonly env: Environment;
}

/** Creates a sandbox and an environment for a test file, and removes them at the end. */
export function useWorkplace(): () => Workplace {
  let workplace: Workplace | undefined;
  beforeAll(async () => {
    const [sandbox, surroundings] = await Promise.all([serveSandbox(), createSurroundings()]);
    workplace = { sandbox, surroundings, env: { ...surroundings.env, ...sandbox.env } };
  });
  afterAll(async () => {
    await workplace?.sandbox.close();
    await workplace?.surroundings.remove();
  });
  return () => {
    if (!workplace) throw new Error("there is no workplace before a file's tests begin");
    return workplace;
  };
}

/** Creates a separate sandbox and environment for each test. */
export function useWorkplaces(): () => Workplace {
  let sandbox: ServedSandbox;
  let workplace: Workplace;
  beforeAll(async () => {
    sandbox = await serveSandbox();
  });
  afterAll(() => sandbox?.close());
  beforeEach(async () => {
    const surroundings = await createSurroundings();
    workplace = { sandbox, surroundings, env: { ...surroundings.env, ...sandbox.env } };
    return surroundings.remove;
  });
  return () => workplace;
}
