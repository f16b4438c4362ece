import { describe, expect, test } from "vitest";
import { checkName, checkRoles } from "../../src/core/check.ts";
import type { Provider, Supports } from "../../src/core/provider.ts";
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

const usageError = (message: RegExp, hint = /./) =>
  expect.objectContaining({
    code: "usage",
    exitCode: 2,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });

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
    expect(checkRoles(provider(supports), given).roles).toEqual(roles);
  });

  test("an old spelling causes one note, a current one none", () => {
    const { notes } = checkRoles(provider({ manyRoles: true }), ["read", "read", "writer"]);
    expect(notes).toEqual([expect.stringMatching(/"read".*reader/)]);
  });

  test.each<[string, Partial<Supports>, string[], RegExp, RegExp]>([
    ["none", {}, [], /Example/, /reader, writer/],
    ["an unknown one", {}, ["admin"], /Example.*"admin"/, /reader, writer/],
    ["an empty one", { customRoles: true }, [""], /Example.*""/, /reader, writer/],
    ["another case", {}, ["Reader"], /"Reader"/, /reader, writer/],
    ["two if one is allowed", {}, ["reader", "writer"], /reader, writer/, /./],
  ])("%s is a usage error", (_, supports, given, message, hint) => {
    expect(() => checkRoles(provider(supports), given)).toThrow(usageError(message, hint));
  });

  test("the hint lists only current spellings", () => {
    expect(() => checkRoles(provider(), ["x"])).toThrow(usageError(/./, /^(?!.*\bread\b)/));
  });
});

describe("a name", () => {
  test.each<[boolean, string | undefined]>([
    [true, "ci"],
    [true, "my token; rm -rf /"],
    [false, undefined],
  ])("supported: %s, %j is accepted", (names, name) => {
    checkName(provider({ names }), name);
  });

  test.each<[boolean, string | undefined, RegExp]>([
    [true, undefined, /Example/],
    [true, "", /Example/],
    [false, "ci", /Example.*"ci"/],
    [false, "", /Example/],
  ])("supported: %s, %j is a usage error", (names, name, message) => {
    expect(() => checkName(provider({ names }), name)).toThrow(usageError(message));
  });
});
