import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { listOf } from "../../src/http/list.ts";
import { notJson } from "../../src/http/reply.ts";
import { createWorld } from "../support/world.ts";

/** Reads a body that comes in these pieces: the outcome, or that it is no JSON. */
async function read(pieces: readonly Uint8Array[], schema: v.GenericSchema = v.unknown()) {
  const list = listOf(schema, (element) => ({ element }));
  const reader = list.createReader();
  for (const piece of pieces) reader.take(piece);
  const { json } = reader.end();
  return json === notJson ? notJson : list["~standard"].validate(json);
}

/** A text, and where it is cut. */
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

test("a list is read as JSON.parse reads it, wherever its pieces end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.jsonValue()), layouts, cuts, async (list, layout, where) => {
      const text = JSON.stringify(list, null, layout);
      const expected = JSON.parse(text).map((element: unknown) => ({ element }));
      expect(await read(cutAt(Buffer.from(text), where))).toEqual({ value: expected });
    }),
  );
});

test("what JSON.parse refuses is refused, and nothing else", async () => {
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
])("%s is no JSON", async (text) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(await read([Buffer.from(text)])).toBe(notJson);
});

test("invalid UTF-8 is no JSON, valid UTF-8 may be cut anywhere", async () => {
  expect(await read([Buffer.from('["\xff"]', "latin1")])).toBe(notJson);
  const text = Buffer.from('["日本 😀"]');
  for (let at = 0; at <= text.length; at++)
    expect(await read(cutAt(text, [at]))).toEqual({ value: [{ element: "日本 😀" }] });
});

test("a mistake is told with the place of its element, and many are not all told", async () => {
  const schema = v.object({ a: v.number() });
  expect(await read([Buffer.from('[{"a":1},{"a":"x"}]')], schema)).toMatchObject({
    issues: [{ path: [1, { key: "a" }] }],
  });
  const many = Buffer.from(JSON.stringify(Array.from({ length: 1000 }, () => ({}))));
  const { issues } = (await read([many], schema)) as { readonly issues: readonly unknown[] };
  expect(issues).toHaveLength(10);
});

describe("a service's whole list", () => {
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
    ["cut off", `[${JSON.stringify(body("a"))},`, "no JSON"],
    ["no list", JSON.stringify(body("a")), "the body"],
    ["empty", "", "the body"],
    ["of something else", `[${JSON.stringify(body("a"))},{"token_name":"s3cr3t"}]`, "1.user_name"],
  ])("that is %s is exit 12, and none of it is shown", async (_, text, said) => {
    const { code, stdout, stderr } = await listed(text);
    expect({ code, stdout }).toEqual({ code: 12, stdout: "" });
    expect(stderr).toContain(`not the API's: ${said}`);
    expect(stderr).not.toContain("s3cr3t");
  });

  test("that is empty is none", async () => {
    expect(await listed(" [ ] ")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
  });
});
