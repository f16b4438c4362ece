import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

const ids = {
  first: "0aa3c557-10c9-4331-b168-cd4e45abebdc",
  alike: "0aa3c557-10c9-4331-b168-cd4e45abeb00",
  other: "bbbbbbbb-0000-4000-8000-000000000000",
  misled: "cccccccc-0000-4000-8000-000000000000",
  numeric: "12345678-0000-4000-8000-000000000000",
};

const tokens = [
  { id: ids.first, name: "ci" },
  { id: ids.alike, name: "twin" },
  { id: ids.other, name: "twin" },
  // Names that look like ids.
  { id: ids.misled, name: ids.other },
  { id: ids.numeric, name: "bbbbbb" },
].map(({ id, name }, i) => ({
  id,
  createdAt: `2026-01-0${i + 1}T00:00:00Z`,
  updatedAt: `2026-01-0${i + 1}T00:00:00Z`,
  spec: { name, role: "ai_training_read" },
  status: { version: 1 },
}));

/** The API with these tokens and no others. */
const api: Fetch = async (url) => {
  const { pathname } = new URL(url);
  if (pathname === "/v1/token")
    return Response.json({ items: tokens, metadata: { total: tokens.length } });
  const found = tokens.find(({ id }) => pathname === `/v1/token/${id}`);
  return found ? Response.json(found) : Response.json({ message: "no" }, { status: 404 });
};

const get = (reference: string) =>
  createWorld().run(["token", "get", "-o", "json", "--", reference], { fetch: api });

describe("a token is found by", () => {
  test.each([
    ["its id", ids.first, ids.first],
    ["its id in capitals", ids.first.toUpperCase(), ids.first],
    ["its id, if another token has that name", ids.other, ids.other],
    ["its exact name", "ci", ids.first],
    ["its exact name, if it is the prefix of an id", "bbbbbb", ids.numeric],
    ["a prefix of its id", "bbbbbbb", ids.other],
    ["a prefix of six characters", "123456", ids.numeric],
    ["a prefix in capitals", "CCCCCC", ids.misled],
    ["all but the last character", ids.first.slice(0, -1), ids.first],
  ])("%s", async (_, reference, id) => {
    const { code, stdout } = await get(reference);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).id).toBe(id);
  });
});

describe("a token is not found by", () => {
  test.each([
    ["an unknown name", "nobody"],
    ["its name in another case", "CI"],
    ["part of its name", "twi"],
    ["five characters of its id", "12345"],
    ["the end of its id", "cd4e45abebdc"],
    ["an unknown id", "dddddddd-0000-4000-8000-000000000000"],
    ["something like a path", "../token"],
  ])("%s", async (_, reference) => {
    const { code, stdout, stderr } = await get(reference);
    expect([code, stdout]).toEqual([3, ""]);
    const { code: error, message, hint } = errorOf({ stderr });
    expect(error).toBe("not_found");
    expect(message).toContain(`"${reference}"`);
    expect(hint).toContain("--region");
  });

  test("the empty string, which is a usage error", async () => {
    expect((await get("")).code).toBe(2);
  });
});

describe("an ambiguous reference is a conflict, and the hint lists the tokens:", () => {
  test.each([
    ["a name", "twin", [ids.alike, ids.other]],
    ["a prefix of ids", "0aa3c557", [ids.first, ids.alike]],
  ])("%s", async (_, reference, candidates) => {
    const { code, stdout, stderr } = await get(reference);
    expect([code, stdout]).toEqual([6, ""]);
    const error = errorOf({ stderr });
    expect(error.code).toBe("conflict");
    for (const id of candidates) expect(error.hint).toContain(id);
  });
});

describe("without a terminal, an id prefix is a usage error that names the id:", () => {
  test.each(["renew", "delete"])("%s", async (verb) => {
    const world = createWorld();
    const { code, stderr } = await world.run(["token", verb, "123456"], { fetch: api });
    expect(code).toBe(2);
    expect(errorOf({ stderr }).code).toBe("usage");
    expect(stderr).toContain(ids.numeric);
    expect(world.requests.every(({ method }) => method === "GET")).toBe(true);
  });
});

test("lists tokens once for several names, and not at all for an id", async () => {
  const world = createWorld();
  await world.run(["token", "get", ids.first], { fetch: api });
  await world.run(["token", "delete", "nobody", "no-one", "twin", "-y"], { fetch: api });
  const lists = world.requests.filter(({ url }) => new URL(url).pathname === "/v1/token");
  expect(lists).toHaveLength(1);
});
