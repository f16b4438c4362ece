import { describe, expect } from "vitest";
import { providerIds } from "../../src/providers/index.ts";
import { anyFleet, createFleet, idsOf } from "../support/fleet.ts";
import { fuzz } from "../support/fuzz.ts";

describe.each(providerIds)("token delete of a selection of %s", (api) => {
  fuzz(
    "deletes exactly the tokens that --dry-run lists, never the credential in use",
    anyFleet(api),
    20,
    async (fleet) => {
      const { words, options, expected, others, ...world } = await createFleet(api, fleet);
      const before = world.requests.length;
      const plan = await world.json(["token", "delete", ...words, "--dry-run"], options);
      expect(idsOf(plan)).toEqual(idsOf(expected));
      // OSMO exchanges its credential for a session token with a POST.
      const sent = world.requests.slice(before).filter(({ url }) => !url.includes("/auth/jwt/"));
      expect(sent.filter(({ method }) => method !== "GET")).toEqual([]);
      expect(await world.list()).toHaveLength(expected.length + others.length);

      const deleted = await world.json(["token", "delete", ...words, "-y"], options);
      expect(idsOf(deleted)).toEqual(idsOf(expected));
      expect(await world.list()).toEqual(others);
    },
  );
});

describe.each(providerIds)("token renew of a selection of %s", (api) => {
  fuzz(
    "renews exactly the tokens that --dry-run lists, never the credential in use",
    // OSMO renews no token that has expired.
    anyFleet(api).filter(({ tokens }) => api !== "osmo" || tokens.every(({ age }) => age < 2)),
    15,
    async (fleet) => {
      const { words, options, expected, others, ...world } = await createFleet(api, fleet);
      const plan = await world.json(["token", "renew", ...words, "--dry-run"], options);
      expect(idsOf(plan)).toEqual(idsOf(expected));
      const renewed = await world.json(["token", "renew", ...words, "-y"], options);
      expect(idsOf(renewed)).toEqual(idsOf(expected));
      const after = await world.list();
      expect(after).toEqual(expect.arrayContaining([...others]));
      expect(idsOf(after)).toEqual(idsOf([...expected, ...others]));
    },
  );
});
