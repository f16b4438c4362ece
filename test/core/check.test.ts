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

const refusal = (message: RegExp, hint?: RegExp) =>
  expect.objectContaining({
    code: "usage",
    exitCode: 2,
    message: expect.stringMatching(message),
    ...(hint && { hint: expect.stringMatching(hint) }),
  });

describe("roles", () => {
  test.each<[string, Partial<Supports>, string[], string[]]>([
    ["one", {}, ["writer"], ["writer"]],
    ["an old spelling", {}, ["read"], ["reader"]],
    ["the same twice", {}, ["reader", "reader"], ["reader"]],
    ["the same in both spellings", {}, ["read", "reader"], ["reader"]],
    ["several", { manyRoles: true }, ["writer", "reader"], ["writer", "reader"]],
    ["none where there is a default", { defaultRoles: true }, [], []],
    ["an unknown one where there may be others", { customRoles: true }, ["mine"], ["mine"]],
  ])("%s", (_, supports, given, roles) => {
    expect(checkRoles(provider(supports), given).roles).toEqual(roles);
  });

  test("an old spelling is noted once, a current one never", () => {
    const { notes } = checkRoles(provider({ manyRoles: true }), ["read", "read", "writer"]);
    expect(notes).toEqual([expect.stringMatching(/"read".*reader/)]);
  });

  test.each<[string, Partial<Supports>, string[], RegExp, RegExp]>([
    ["none", {}, [], /Example needs a role/, /reader, writer/],
    ["an unknown one", {}, ["admin"], /Example has no role "admin"/, /reader, writer/],
    ["an empty one", { customRoles: true }, [""], /Example has no role ""/, /reader, writer/],
    ["another case", {}, ["Reader"], /no role "Reader"/, /reader, writer/],
    ["two of one", {}, ["reader", "writer"], /one role.*reader, writer/, /./],
  ])("%s is refused", (_, supports, given, message, hint) => {
    expect(() => checkRoles(provider(supports), given)).toThrow(refusal(message, hint));
  });

  test("the choices are the current spellings", () => {
    expect(() => checkRoles(provider(), ["x"])).toThrow(refusal(/./, /^(?!.*\bread\b)/));
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
    [true, undefined, /Example needs a name/],
    [true, "", /Example needs a name/],
    [false, "ci", /Example tokens have no name: leave out "ci"/],
    [false, "", /Example tokens have no name/],
  ])("supported: %s, %j is refused", (names, name, message) => {
    expect(() => checkName(provider({ names }), name)).toThrow(refusal(message));
  });
});
