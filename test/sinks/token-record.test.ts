import { rmSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  deliverWithRecord,
  formatRecord,
  parseRecord,
  type TokenRecord,
} from "../../src/sinks/token-record.ts";
import { createPlaces, type Places } from "../support/places.ts";

describe("the line of a record", () => {
  const text = fc.string({ unit: "binary", minLength: 1 }).map((each) => each.toWellFormed());
  const record = fc.record(
    {
      id: text,
      name: text,
      profile: text,
      deliveredAt: fc.constant("2026-11-23T12:00:00Z"),
      previousIds: fc.array(text, { maxLength: 3 }),
      replacedIds: fc.array(text, { maxLength: 3 }),
    },
    { requiredKeys: ["id"] },
  );

  test("is parsed to the same record, and is a valid comment", () => {
    fc.assert(
      fc.property(record, (each) => {
        const line = formatRecord(each);
        expect(line).toMatch(/^[\w %=.:,-]+$/);
        expect(parseRecord(line)).toEqual(each);
      }),
    );
  });

  test.each(["", "id=", "name=ci", "id=%", "a comment"])("is no record: %j", (line) => {
    expect(parseRecord(line)).toBeUndefined();
  });
});

describe.each([
  { kind: "file", destination: "file:DIR/token", options: ["--force"] },
  { kind: "env-file", destination: "env-file:DIR/.env#TOKEN", options: [] },
])("$kind", ({ kind, destination, options }) => {
  const recordIn = ({ read }: Places): TokenRecord | undefined =>
    kind === "file"
      ? JSON.parse(read("token.tokctl.json"))
      : parseRecord(/^# tokctl TOKEN (.*)$/m.exec(read(".env"))?.[1] ?? "");

  test("records the token of its secret, also after a renewal", async () => {
    const places = createPlaces();
    const to = [destination.replace("DIR", places.at(""))];
    await places.create(to);
    const { id } = await places.json("token get ci");
    const record = { id, name: "ci", deliveredAt: "2026-11-23T12:00:00Z" };
    expect(recordIn(places)).toEqual(record);
    places.advance(60_000);
    expect(await places.renew(to, {}, options)).toMatchObject({ code: 0 });
    expect(recordIn(places)).toEqual({ ...record, deliveredAt: "2026-11-23T12:01:00Z" });
  });

  test("contains the secret only as its value", async () => {
    const places = createPlaces();
    await places.create([destination.replace("DIR", places.at(""))]);
    const name = kind === "file" ? "token" : ".env";
    const secret =
      places
        .read(name)
        .trim()
        .split("=")
        .slice(kind === "file" ? 0 : -1)[0] ?? "";
    const texts = places.files().map((file) => places.read(file));
    expect(texts.join("").split(secret)).toHaveLength(2);
  });
});

test("a record has mode 600, and is replaced if the file was deleted", async () => {
  const places = createPlaces();
  await places.create([`file:${places.at("token")}`]);
  expect(places.mode("token.tokctl.json")).toBe(0o600);
  rmSync(places.at("token"));
  const again = await places.create([`file:${places.at("token")}`], {}, ["-q"]);
  expect(JSON.parse(places.read("token.tokctl.json")).id).toBe(again.stdout.trim());
});

test("a file can't have the name of a record", async () => {
  const places = createPlaces();
  expect(await places.create([`file:${places.at("x.tokctl.json")}`])).toMatchObject({ code: 2 });
  expect(places.files()).toEqual([]);
});

describe("a delivery with a separate record", () => {
  /** Delivers token `new`, and fails at a step. Returns the record and the secret after each step. */
  async function deliver(earlier: TokenRecord | undefined, failing?: string, isRestorable = false) {
    let record = earlier;
    let secret = earlier?.id;
    const states: unknown[] = [];
    const step = (name: string, change: () => void) => {
      if (states.length === 0 ? failing === "first" : failing === name) throw new Error(name);
      change();
      states.push({ secret, recorded: record && [record.id, ...(record.previousIds ?? [])] });
    };
    const outcome = deliverWithRecord(
      {
        read: async () => record,
        write: async (next) => step("record", () => (record = next)),
      },
      { id: "new" },
      async () => step("secret", () => (secret = "new")),
      { isRestorable },
    );
    const error = await outcome.then(() => undefined, String);
    return { states, error, record };
  }

  test("records both tokens while it is not known which secret is there", async () => {
    expect(await deliver({ id: "old" })).toEqual({
      states: [
        { secret: "old", recorded: ["new", "old"] },
        { secret: "new", recorded: ["new", "old"] },
        { secret: "new", recorded: ["new"] },
      ],
      error: undefined,
      record: { id: "new" },
    });
  });

  test("keeps the tokens of earlier unfinished deliveries", async () => {
    const { record } = await deliver({ id: "b", previousIds: ["a", "new"] }, "secret");
    expect(record).toEqual({ id: "new", previousIds: ["b", "a"] });
  });

  test("restores the record if the secret was certainly not written", async () => {
    const { record, error } = await deliver({ id: "old" }, "secret", true);
    expect(error).toContain("secret");
    expect(record).toEqual({ id: "old" });
  });

  test("writes no secret if the record can't be written", async () => {
    expect(await deliver(undefined, "first")).toMatchObject({ states: [], record: undefined });
  });

  test("succeeds if only the last write of the record fails, which still names both", async () => {
    expect(await deliver({ id: "old" }, "record")).toMatchObject({
      error: undefined,
      record: { id: "new", previousIds: ["old"] },
    });
  });
});
