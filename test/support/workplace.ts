import { afterAll, beforeAll, beforeEach } from "vitest";
import {
  createSurroundings,
  type Environment,
  type ServedSandbox,
  type Surroundings,
  serveSandbox,
} from "./spawn.ts";

/** A sandbox, a machine's worth of surroundings, and what leads from the one to the other. */
export interface Workplace {
  readonly sandbox: ServedSandbox;
  readonly surroundings: Surroundings;
  readonly env: Environment;
}

/** Called once in a file, it gives its tests a sandbox and surroundings, which end with them. */
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

/** The same with surroundings for each test of its own. */
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
