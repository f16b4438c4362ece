import { expect, test } from "vitest";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

test.each([
  "token create x -r read --force",
  "token create x -r read --force --to command:cat",
  "token renew ci --force",
  "token create x -r read --preview --to command:cat",
  "token create x -r read --preview --force --to file:/tmp/x",
  "token create x -r read --preview --on-lost keep",
])("an option without effect is refused before anything is sent: %s", async (line) => {
  const world = createWorld();
  const { code, stdout, stderr } = await world.run(`${line} -o json`);
  expect([code, stdout]).toEqual([2, ""]);
  expect(errorOf({ stderr }).code).toBe("usage");
  expect(world.requests).toEqual([]);
});
