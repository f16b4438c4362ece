import { describe, expect, test } from "vitest";
import { providerIds } from "../../src/providers/index.ts";
import { generateTokens } from "../../src/sandbox/generate.ts";
import { createWorld } from "../support/world.ts";

interface ListedToken {
  readonly id: string;
  readonly name: string | null;
  readonly resource: string | null;
  readonly roles: readonly string[];
  readonly labelSelector: string | null;
  readonly createdAt: string | null;
  readonly expiresAt: string | null;
  readonly status: string;
}

const listOf = async (api: string, tokens: number): Promise<readonly ListedToken[]> =>
  createWorld(api, { tokens }).json("token list");

const distinct = (values: readonly unknown[]) => new Set(values.map((value) => `${value}`)).size;

describe.each(providerIds)("%s", (api) => {
  test("starts with tokens that have numbered names and different roles", async () => {
    const tokens = await listOf(api, 120);
    const names = tokens.map(({ name, resource }) => name ?? resource).sort();
    expect(names).toHaveLength(120);
    expect([names[0], names[119]]).toEqual(["token-00001", "token-00120"]);
    expect(distinct(tokens.map(({ id }) => id))).toBe(120);
    expect(distinct(tokens.map(({ roles }) => roles))).toBeGreaterThan(2);
  });

  test("has the same tokens in every sandbox", async () => {
    expect(await listOf(api, 30)).toEqual(await listOf(api, 30));
  });

  test("can delete a generated token", async () => {
    const world = createWorld(api, { tokens: 3 });
    const [{ id }] = await world.json("token list");
    expect((await world.run(`token delete ${id} -y`)).code).toBe(0);
    expect(await world.json("token list")).toHaveLength(2);
  });
});

test("tokens of OVHcloud AI have different label selectors and creation times", async () => {
  const tokens = await listOf("ovh-ai", 100);
  expect(distinct(tokens.map(({ labelSelector }) => labelSelector))).toBe(5);
  const created = tokens.map(({ createdAt }) => createdAt);
  expect(distinct(created)).toBe(100);
  expect(created).toEqual([...created].sort());
  // The clock of the world is in November 2026.
  expect(created[0]).toContain("2025-11-23T12:00:00");
  expect((created.at(-1) ?? "") < "2026-11-23").toBe(true);
});

test("a renewed token of OVHcloud AI has a secret that works", async () => {
  const world = createWorld("ovh-ai", { tokens: 2 });
  const { stdout } = await world.run("token renew token-00002 -y -q");
  const env = { TOKCTL_APP_TOKEN: stdout.trim() };
  expect(await world.json("whoami", { env })).toMatchObject({ name: "token-00002" });
});

test("tokens of OSMO expire from 30 days before now to the maximum lifetime", async () => {
  const world = createWorld("osmo", { tokens: 500, osmoMaxLifetime: 60 });
  const tokens: readonly ListedToken[] = await world.json("token list");
  const expiries = tokens.map(({ expiresAt }) => expiresAt).sort();
  expect([expiries[0], expiries.at(-1)]).toEqual(["2026-10-24T00:00:00Z", "2027-01-22T00:00:00Z"]);
  expect(distinct(expiries)).toBe(91);
  expect(distinct(tokens.map(({ status }) => status))).toBe(2);
});

test("100,000 tokens have different names, ids and creation times", () => {
  const tokens = generateTokens({ now: () => new Date("2026-11-23T12:00:00Z") }, 100_000, "osmo");
  for (const key of ["name", "id", "createdAt"] as const)
    expect(distinct(tokens.map((token) => token[key]))).toBe(100_000);
  expect(tokens.at(-1)?.name).toBe("token-100000");
});
