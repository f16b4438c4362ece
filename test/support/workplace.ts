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

/** Called once in a file, it gives its tests a sandbox, and each of them surroundings of its own. */
export function useWorkplace(): () => Workplace {
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
