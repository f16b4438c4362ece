import { describe, expect, test } from "vitest";
import type { Provider, Supports } from "../../src/core/provider.ts";
import { validateName, validateRoles } from "../../src/core/validation.ts";
import { UsageError } from "../../src/errors.ts";
import { ovhAi } from "../../src/providers/ovh-ai/index.ts";

const provider = (supports: Partial<Supports> = {}): Provider => ({
  ...ovhAi,
  title: "Example",
  roles: [
    { name: "reader", description: "" },
    { name: "writer", description: "" },
    { name: "read", description: "", replacedBy: "reader" },
  ],
  supports: { ...ovhAi.supports, ...supports },
});

/** Returns the usage error that a check throws. */
function usageErrorOf(check: () => unknown): UsageError {
  try {
    check();
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("no error was thrown");
}

describe("roles", () => {
  test.each<[string, Partial<Supports>, string[], string[]]>([
    ["one", {}, ["writer"], ["writer"]],
    ["an old spelling", {}, ["read"], ["reader"]],
    ["a repeated one", {}, ["reader", "reader"], ["reader"]],
    ["one in both spellings", {}, ["read", "reader"], ["reader"]],
    ["several", { manyRoles: true }, ["writer", "reader"], ["writer", "reader"]],
    ["none if the provider has a default", { defaultRoles: true }, [], []],
    ["an unknown one if the provider has custom roles", { customRoles: true }, ["mine"], ["mine"]],
  ])("%s", (_, supports, given, roles) => {
    expect(validateRoles(provider(supports), given).roles).toEqual(roles);
  });

  test("an old spelling causes one note, a current one none", () => {
    const { messages } = validateRoles(provider({ manyRoles: true }), ["read", "read", "writer"]);
    expect(messages).toHaveLength(1);
    for (const fact of ['"read"', "reader"]) expect(messages[0]).toContain(fact);
  });

  test.each<[string, Partial<Supports>, string[], string[]]>([
    ["none", {}, [], []],
    ["an unknown one", {}, ["admin"], ['"admin"']],
    ["an empty one", { customRoles: true }, [""], ['""']],
    ["another case", {}, ["Reader"], ['"Reader"']],
  ])("%s is a usage error, and the hint lists the roles", (_, supports, given, named) => {
    const { message, hint } = usageErrorOf(() => validateRoles(provider(supports), given));
    for (const fact of ["Example", ...named]) expect(message).toContain(fact);
    for (const role of ["reader", "writer"]) expect(hint).toContain(role);
  });

  test("two are a usage error if one is allowed", () => {
    const { message } = usageErrorOf(() => validateRoles(provider(), ["reader", "writer"]));
    for (const role of ["reader", "writer"]) expect(message).toContain(role);
  });

  test("the hint lists only current spellings", () => {
    expect(usageErrorOf(() => validateRoles(provider(), ["x"])).hint).not.toMatch(/\bread\b/);
  });
});

describe("a name", () => {
  test.each<[boolean, string | undefined]>([
    [true, "ci"],
    [true, "my token; rm -rf /"],
    [false, undefined],
  ])("supported: %s, %j is accepted", (names, name) => {
    validateName(provider({ names }), name);
  });

  test.each<[boolean, string | undefined, string[]]>([
    [true, undefined, []],
    [true, "", []],
    [false, "ci", ['"ci"']],
    [false, "", []],
  ])("supported: %s, %j is a usage error", (names, name, named) => {
    const { message } = usageErrorOf(() => validateName(provider({ names }), name));
    for (const fact of ["Example", ...named]) expect(message).toContain(fact);
  });
});
