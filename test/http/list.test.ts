import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { listOf } from "../../src/http/list.ts";
import { notJson } from "../../src/http/response.ts";
import { errorOf } from "../support/error-of.ts";
import { createWorld } from "../support/world.ts";

/** Reads a body that arrives in these chunks: the result, or `notJson`. */
async function read(pieces: readonly Uint8Array[], schema: v.GenericSchema = v.unknown()) {
  const list = listOf(schema, (element) => ({ element }));
  const reader = list.createReader();
  for (const piece of pieces) reader.write(piece);
  const { json } = reader.end();
  return json === notJson ? notJson : list["~standard"].validate(json);
}

/** Splits a text at these offsets. */
const cutAt = (bytes: Buffer, cuts: readonly number[]) => {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
};

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return notJson;
  }
}

const layouts = fc.constantFrom(undefined, 1, "\t");
const cuts = fc.array(fc.nat(), { maxLength: 12 });

test("reads a list as JSON.parse does, however it is split into chunks", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), layouts, cuts, async (list, layout, where) => {
      const text = JSON.stringify(list, null, layout);
      const expected = JSON.parse(text).map((element: unknown) => ({ element }));
      expect(await read(cutAt(Buffer.from(text), where))).toEqual({ value: expected });
    }),
  );
});

test("rejects exactly the texts that JSON.parse rejects", async () => {
  const damaged = fc
    .tuple(
      fc.array(fc.jsonValue(), { maxLength: 3 }),
      fc.nat(),
      fc.constantFrom(...'[]{},"\\:1 x\n'),
    )
    .map(([list, at, put]) => {
      const text = JSON.stringify(list);
      return `${text.slice(0, at % text.length)}${put}${text.slice((at + 1) % text.length)}`;
    });
  await fc.assert(
    fc.asyncProperty(damaged, cuts, async (text, where) => {
      const parsed = parse(text);
      const outcome = await read(cutAt(Buffer.from(text), where));
      if (Array.isArray(parsed))
        expect(outcome).toEqual({ value: parsed.map((element: unknown) => ({ element })) });
      else if (parsed === notJson) expect(outcome).toBe(notJson);
      else expect(outcome).toMatchObject({ issues: [{}] });
    }),
    { numRuns: 2000 },
  );
});

test.each([
  "[1,]",
  "[,1]",
  "[1 2]",
  "[1]]",
  "[1] x",
  "[1",
  "[",
  '["a',
  '["\\"]',
  "[}",
  "[[1}]",
  '[{"a":1]}',
  "[1][2]",
])("rejects %s, which is not JSON", async (text) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(await read([Buffer.from(text)])).toBe(notJson);
});

test("rejects invalid UTF-8, and reads valid UTF-8 however it is split", async () => {
  expect(await read([Buffer.from('["\xff"]', "latin1")])).toBe(notJson);
  const text = Buffer.from('["日本 😀"]');
  for (let at = 0; at <= text.length; at++)
    expect(await read(cutAt(text, [at]))).toEqual({ value: [{ element: "日本 😀" }] });
});

test("reports a mistake with the index of its element, and at most ten mistakes", async () => {
  const schema = v.object({ a: v.number() });
  expect(await read([Buffer.from('[{"a":1},{"a":"x"}]')], schema)).toMatchObject({
    issues: [{ path: [1, { key: "a" }] }],
  });
  const many = Buffer.from(JSON.stringify(Array.from({ length: 1000 }, () => ({}))));
  const { issues } = (await read([many], schema)) as { readonly issues: readonly unknown[] };
  expect(issues).toHaveLength(10);
});

describe("a list in one response", () => {
  const body = (name: string) => ({ user_name: "u", token_name: name, roles: ["osmo-user"] });
  const listed = (text: string) =>
    createWorld("osmo").run("token list -o json", {
      env: { TOKCTL_USER_HEADER: "u", TOKCTL_APP_TOKEN: undefined },
      fetch: async (url) =>
        new URL(url).pathname.includes("jwt")
          ? Response.json({ token: "jwt", expires_at: 4e9 })
          : new Response(text, { headers: { "content-type": "application/json" } }),
    });

  test.each([
    ["is truncated", `[${JSON.stringify(body("a"))},`, ""],
    ["is an object", JSON.stringify(body("a")), ""],
    ["is empty", "", ""],
    [
      "has an invalid element",
      `[${JSON.stringify(body("a"))},{"token_name":"s3cr3t"}]`,
      "1.user_name",
    ],
  ])("that %s is a server error, and none of it is shown", async (_, text, field) => {
    const { code, stdout, stderr } = await listed(text);
    expect({ code, stdout }).toEqual({ code: 12, stdout: "" });
    expect(errorOf({ stderr }).code).toBe("server_error");
    expect(stderr).toContain(field);
    expect(stderr).not.toContain("s3cr3t");
  });

  test("without elements is an empty list", async () => {
    expect(await listed(" [ ] ")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });
});
