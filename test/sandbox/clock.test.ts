import { expect, test } from "vitest";
import { createWorld } from "../support/world.ts";

const now = new Date("2027-06-01T08:00:00Z");

test("the servers' clock starts at the given time and goes on from there", async () => {
  const world = createWorld("ovh-ai", { now });
  const date = async () => {
    const reply = await world.sandbox.request(`${world.origin}/v1/me`);
    return reply.headers.get("date");
  };
  expect(await date()).toBe("Tue, 01 Jun 2027 08:00:00 GMT");
  world.advance(90_000);
  expect(await date()).toBe("Tue, 01 Jun 2027 08:01:30 GMT");
  const { createdAt } = await world.json("token create ci -r read");
  expect(createdAt).toContain("2027-06-01T08:01:30");
});

test("OSMO decides by its own clock whether an expiry is in the past", async () => {
  const world = createWorld("osmo", { now });
  // The clock of the client is in November 2026.
  expect((await world.run("token create early -r osmo-user -e 2027-05-01")).code).toBe(2);
  expect((await world.run("token create late -r osmo-user -e 2027-07-01")).code).toBe(0);
});

test("generated tokens are older than the given time", async () => {
  const world = createWorld("ovh-ai", { now, tokens: 10 });
  const tokens: readonly { readonly createdAt: string }[] = await world.json("token list");
  expect(tokens.map(({ createdAt }) => createdAt.slice(0, 10)).sort()).toMatchObject({
    0: "2026-06-01",
    9: "2027-04-25",
  });
});
