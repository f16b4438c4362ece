import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Timestamp, toTimestamp } from "../../src/core/time.ts";
import { type Token, toToken } from "../../src/core/token.ts";
import { ConflictError } from "../../src/errors.ts";
import {
  planRotation,
  type RotationPlan,
  type RotationSchedule,
} from "../../src/issuance/rotation-plan.ts";
import { type FamilyState, generationOf } from "../../src/issuance/rotation-state.ts";
import type { TokenRecord } from "../../src/sinks/token-record.ts";

const start = Date.parse("2026-11-23T12:00:00Z");
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const at = (milliseconds: number): Timestamp => toTimestamp(new Date(start + milliseconds));

/** Returns a token that was created some milliseconds before `start`. */
const token = (name: string, age: number, known: Partial<Token> = {}): Token =>
  toToken(
    { id: `id of ${name}`, name, roles: ["read"], createdAt: at(-age), ...known },
    new Date(start),
  );

const record = (name: string, known: Partial<TokenRecord> = {}): TokenRecord => ({
  id: `id of ${name}`,
  name,
  ...known,
});

const schedule: RotationSchedule = {
  every: 30 * day,
  before: undefined,
  overlap: day,
  isForced: false,
  isAdopting: false,
};

const plan = (
  tokens: readonly Token[],
  records: readonly (TokenRecord | undefined)[],
  changes: Partial<RotationSchedule> = {},
  state: Partial<FamilyState> = {},
): RotationPlan =>
  planRotation(
    {
      name: "ci",
      tokens,
      records: records.map((each, i) => ({ to: `file:${i}`, record: each })),
      issuedAt: ({ createdAt }) => createdAt,
      inUse: undefined,
      now: start,
      ...state,
    },
    { ...schedule, ...changes },
  );

const namesOf = (tokens: readonly Token[]) => tokens.map(({ name }) => name);
const keptOf = ({ kept }: RotationPlan) => kept.map((each) => [each.token.name, each.reason]);

test.each([
  ["ci", 0],
  ["ci-r1", 1],
  ["ci-r20", 20],
  ["ci-r3.expires-2027-01-31", 3],
  ["ci.expires-2027-01-31", 0],
  ["ci-r0", undefined],
  ["ci-r01", undefined],
  ["ci-r1x", undefined],
  ["ci-x-r1", undefined],
  ["other", undefined],
  [null, undefined],
])("the generation of %j is %j", (name, generation) => {
  expect(generationOf("ci", name)).toBe(generation);
});

describe("a rotation is due", () => {
  test.each([
    ["without a token", [], [undefined], "first"],
    ["if the recorded token is gone", [], [record("ci-r1")], "missing"],
    ["at the age", [token("ci-r1", 30 * day)], [record("ci-r1")], "age"],
    ["a little before the age", [token("ci-r1", 30 * day - 11 * hour)], [record("ci-r1")], "age"],
    [
      "if a destination has none",
      [token("ci-r1", day)],
      [record("ci-r1"), undefined],
      "incomplete",
    ],
    [
      "if destinations differ",
      [token("ci-r1", 2 * day), token("ci-r2", day)],
      [record("ci-r1"), record("ci-r2")],
      "incomplete",
    ],
    [
      "after an interrupted delivery",
      [token("ci-r1", 2 * day), token("ci-r2", day)],
      [record("ci-r2", { previousIds: ["id of ci-r1"] })],
      "incomplete",
    ],
    [
      "after the expiry",
      [token("ci-r1", 9 * day, { expiresAt: at(0) })],
      [record("ci-r1")],
      "expired",
    ],
    [
      "in the last fifth of the lifetime",
      [token("ci-r1", 8 * day, { expiresAt: at(2 * day) })],
      [record("ci-r1")],
      "expiring",
    ],
  ] as const)("%s", (_, tokens, records, reason) => {
    expect(plan(tokens, records).successor?.reason).toBe(reason);
  });

  test("on request", () => {
    const { successor } = plan([token("ci-r1", 0)], [record("ci-r1")], { isForced: true });
    expect(successor).toEqual({ name: "ci-r2", reason: "forced" });
  });

  test("--before replaces the default", () => {
    const tokens = [token("ci-r1", 5 * day, { expiresAt: at(5 * day) })];
    expect(plan(tokens, [record("ci-r1")]).successor).toBeUndefined();
    expect(plan(tokens, [record("ci-r1")], { before: 6 * day }).successor?.reason).toBe("expiring");
  });
});

test("nothing is due for a young token that all destinations have", () => {
  const { successor, deleted, nextRotationAt } = plan(
    [token("ci-r1", day)],
    [record("ci-r1"), record("ci-r1")],
  );
  expect({ successor, deleted }).toEqual({ successor: undefined, deleted: [] });
  expect(nextRotationAt).toBe(at(29 * day));
});

test("the next generation has a number that was never used", () => {
  const next = (...args: Parameters<typeof plan>) => plan(...args).successor?.name;
  expect(next([], [])).toBe("ci-r1");
  expect(next([], [record("ci-r7")])).toBe("ci-r8");
  expect(next([token("ci-r3", 0), token("ci-r12", 0)], [])).toBe("ci-r13");
  // A recorded or adopted token without a number counts as generation 1; another one does not count.
  expect(next([token("ci", 40 * day)], [record("ci")])).toBe("ci-r2");
  expect(next([token("ci", 40 * day)], [undefined], { isAdopting: true })).toBe("ci-r2");
  expect(next([token("ci", 40 * day)], [undefined])).toBe("ci-r1");
});

describe("predecessors", () => {
  const tokens = [token("ci-r1", 40 * day), token("ci-r2", day)];

  test("are deleted once the current token is older than the overlap", () => {
    expect(namesOf(plan(tokens, [record("ci-r2")]).deleted)).toEqual(["ci-r1"]);
    const early = plan(tokens, [record("ci-r2")], { overlap: day + 1 });
    expect(early.deleted).toEqual([]);
    expect(early.kept).toMatchObject([{ reason: "overlap", until: at(1000) }]);
  });

  test("are deleted if every run rotates", () => {
    const { successor, deleted, kept } = plan(tokens, [record("ci-r2")], { every: day });
    expect(successor?.name).toBe("ci-r3");
    expect(namesOf(deleted)).toEqual(["ci-r1"]);
    expect(kept).toMatchObject([{ token: { name: "ci-r2" }, reason: "overlap", until: at(day) }]);
  });

  test("are kept while a destination has them", () => {
    const { deleted, kept } = plan(tokens, [record("ci-r2", { previousIds: ["id of ci-r1"] })]);
    expect(deleted).toEqual([]);
    expect(kept.map(({ token: { name } }) => name)).toContain("ci-r1");
  });

  test("are kept while they are the credential in use", () => {
    const result = plan(tokens, [record("ci-r2")], {}, { inUse: { name: "ci-r1", owner: null } });
    expect(keptOf(result)).toEqual([["ci-r1", "in-use"]]);
  });

  test("without a number are deleted only if they were adopted or recorded", () => {
    const unnumbered = [token("ci", 40 * day), token("ci-r2", day)];
    expect(keptOf(plan(unnumbered, [record("ci-r2")]))).toEqual([["ci", "unrecorded"]]);
    const replaced = [record("ci-r2", { replacedIds: ["id of ci"] })];
    expect(namesOf(plan(unnumbered, replaced).deleted)).toEqual(["ci"]);
    expect(namesOf(plan(unnumbered, [record("ci-r2")], { isAdopting: true }).deleted)).toEqual([
      "ci",
    ]);
  });
});

describe("a generation that no destination has", () => {
  const current = token("ci-r1", 30 * day);

  test("is deleted after 15 minutes, also if a rotation is due", () => {
    const result = plan([current, token("ci-r2", 15 * minute)], [record("ci-r1")]);
    expect(namesOf(result.deleted)).toEqual(["ci-r2"]);
    expect(result.successor?.name).toBe("ci-r3");
  });

  test("postpones the rotation until then, unless it is urgent", () => {
    const tokens = [current, token("ci-r2", 15 * minute - 1)];
    const { isWaiting, successor, deleted, kept } = plan(tokens, [record("ci-r1")]);
    expect({ isWaiting, successor, deleted }).toEqual({
      isWaiting: true,
      successor: undefined,
      deleted: [],
    });
    expect(kept).toMatchObject([{ reason: "undelivered", until: at(1000) }]);
    expect(plan(tokens, [record("ci-r1")], { isForced: true }).successor?.name).toBe("ci-r3");
    expect(plan(tokens, [record("ci-r1"), undefined]).successor?.name).toBe("ci-r3");
  });
});

describe("a generation that another machine may have delivered before the current one", () => {
  const current = token("ci-r2", 20 * minute);
  const others = [current, token("ci-r3", 19 * minute)];

  test("is kept until the current token has been delivered for the overlap", () => {
    const early = plan(others, [record("ci-r2")], { overlap: 20 * minute + 1 });
    expect(early.deleted).toEqual([]);
    expect(keptOf(early)).toEqual([["ci-r3", "overlap"]]);
    expect(namesOf(plan(others, [record("ci-r2")], { overlap: 20 * minute }).deleted)).toEqual([
      "ci-r3",
    ]);
  });

  test("is deleted after 15 minutes if it was created after every possible delivery", () => {
    const tokens = [token("ci-r2", 35 * minute), token("ci-r3", 20 * minute)];
    expect(namesOf(plan(tokens, [record("ci-r2")]).deleted)).toEqual(["ci-r3"]);
  });
});

describe("the overlap begins at the delivery of the current token", () => {
  const tokens = [token("ci-r1", 40 * day), token("ci-r2", hour)];
  const deliveredAfter = (milliseconds: number) => [
    record("ci-r2", { deliveredAt: at(milliseconds - hour) }),
  ];

  test("not at its creation", () => {
    const options = { overlap: 50 * minute };
    expect(namesOf(plan(tokens, deliveredAfter(10 * minute), options).deleted)).toEqual(["ci-r1"]);
    expect(plan(tokens, deliveredAfter(10 * minute + 1000), options).deleted).toEqual([]);
  });

  test("at most 15 minutes later, and not before it, on a machine with a wrong clock", () => {
    expect(namesOf(plan(tokens, deliveredAfter(day), { overlap: 45 * minute }).deleted)).toEqual([
      "ci-r1",
    ]);
    expect(plan(tokens, deliveredAfter(-day), { overlap: hour + 1 }).deleted).toEqual([]);
  });
});

describe("a conflict is", () => {
  test.each([
    ["another role", { roles: ["write"] }],
    ["another label selector", { labelSelector: "group=A" }],
    ["another resource", { resource: "iris*" }],
    ["another region", { region: "BHS" }],
  ])("%s in the family", (_, scope) => {
    const tokens = [token("ci-r1", 2 * day), token("ci-r2", day, scope)];
    expect(() => plan(tokens, [record("ci-r2")])).toThrow(ConflictError);
  });

  test("several tokens to adopt", () => {
    const tokens = [token("ci", 2 * day), token("ci", day, { id: "another" })];
    expect(() => plan(tokens, [], { isAdopting: true })).toThrow(ConflictError);
    expect(plan(tokens, []).kept).toHaveLength(2);
  });

  test("a destination with a token of another name", () => {
    expect(() => plan([token("other", 0)], [record("other")])).toThrow(ConflictError);
    expect(plan([], [record("other")]).successor?.reason).toBe("missing");
  });
});

test("a daily schedule with jitter rotates every day, and every 30 days, without gaps", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -30 * minute, max: 30 * minute }), {
        minLength: 90,
        maxLength: 90,
      }),
      fc.constantFrom(1, 7, 30),
      (jitters, days) => {
        let current = token("ci-r1", 0);
        const rotations: number[] = [];
        for (const [i, jitter] of jitters.entries()) {
          const now = start + (i + 1) * day + jitter;
          const { successor } = plan(
            [current],
            [{ id: current.id }],
            { every: days * day },
            { now },
          );
          if (!successor) continue;
          rotations.push(i + 1);
          current = token(successor.name, start - now);
        }
        expect(rotations).toEqual(jitters.map((_, i) => i + 1).filter((each) => each % days === 0));
      },
    ),
  );
});

describe("in any fleet", () => {
  const age = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 100_000 }));
  const name = fc.constantFrom(
    "ci",
    "ci-r1",
    "ci-r2",
    "ci-r3",
    "ci-r9",
    "ci-rx",
    "other",
    "ci-r1-r2",
  );
  const fleet = fc
    .array(fc.record({ name, minutes: age, hasDate: fc.boolean() }), { maxLength: 8 })
    .map((all) =>
      all.map((each, i) => ({
        ...token(each.name, each.minutes * minute, { id: `t${i}` }),
        ...(!each.hasDate && { createdAt: null }),
      })),
    );
  const id = fc.integer({ min: 0, max: 9 }).map((i) => `t${i}`);
  const records = fc.array(
    fc.option(
      fc.record(
        {
          id,
          previousIds: fc.array(id, { maxLength: 2 }),
          replacedIds: fc.array(id, { maxLength: 2 }),
        },
        { requiredKeys: ["id"] },
      ),
      { nil: undefined },
    ),
    { minLength: 1, maxLength: 3 },
  );
  const changes = fc.record({
    every: fc.option(
      fc.integer({ min: 1, max: 100_000 }).map((each) => each * minute),
      {
        nil: undefined,
      },
    ),
    overlap: fc.integer({ min: 0, max: 3000 }).map((each) => each * minute),
    isForced: fc.boolean(),
    isAdopting: fc.boolean(),
  });
  const inUse = fc.option(
    name.map((each) => ({ name: each, owner: null })),
    { nil: undefined },
  );

  test("the plan deletes no token outside the family, recorded, current or in use", () => {
    fc.assert(
      fc.property(fleet, records, changes, inUse, (tokens, recorded, options, credential) => {
        let result: RotationPlan;
        try {
          result = plan(tokens, recorded, options, { inUse: credential });
        } catch (error) {
          expect(error).toBeInstanceOf(ConflictError);
          return;
        }
        const { current, successor, deleted, kept, members } = result;
        const has = (each: Token) =>
          recorded.some((one) => one?.id === each.id || one?.previousIds?.includes(each.id));
        for (const each of deleted) {
          expect(members).toContain(each);
          expect(generationOf("ci", each.name)).toBeDefined();
          expect(each.name).not.toBe(credential?.name);
          expect(kept.map(({ token: one }) => one)).not.toContain(each);
          // The successor replaces the tokens of all destinations.
          if (!successor) {
            expect(has(each)).toBe(false);
            expect(each).not.toBe(current);
          }
        }
        if (!successor) return;
        expect(namesOf(tokens)).not.toContain(successor.name);
        // Consumers may use the current token, and its predecessors during the overlap.
        const isYoung =
          current?.createdAt == null || start - Date.parse(current.createdAt) < options.overlap;
        if (options.overlap > 0) expect(deleted).not.toContain(current);
        if (options.overlap > 0 && isYoung)
          for (const each of deleted) {
            expect(has(each)).toBe(false);
            expect(generationOf("ci", each.name)).toBeGreaterThan(
              generationOf("ci", current?.name ?? null) ?? 0,
            );
          }
      }),
    );
  });

  test("the state after a rotation is stable", () => {
    fc.assert(
      fc.property(fleet, records, changes, (tokens, recorded, options) => {
        let result: RotationPlan;
        try {
          result = plan(tokens, recorded, options);
        } catch {
          return;
        }
        if (!result.successor) return;
        const successor = { ...token(result.successor.name, 0), id: "new" };
        const rest = [...tokens.filter((each) => !result.deleted.includes(each)), successor];
        const delivered = recorded.map(() => ({ id: "new", replacedIds: result.replacedIds }));
        const again = plan(rest, delivered, { ...options, isForced: false, every: day });
        expect(again.successor).toBeUndefined();
        expect(again.current?.id).toBe("new");
        // The successor also supersedes generations that no destination got.
        const undelivered = result.kept.filter(({ reason }) => reason === "undelivered");
        const others = again.deleted.filter(
          (each) => !undelivered.some((one) => one.token === each),
        );
        expect(others).toEqual([]);
        // After the overlap, one generation is left.
        const later = plan(
          rest,
          delivered,
          { ...options, isForced: false, every: undefined },
          {
            now: start + options.overlap,
          },
        );
        const left = rest.filter(
          (each) => !later.deleted.includes(each) && later.members.includes(each),
        );
        expect(left).toEqual([successor]);
      }),
    );
  });
});
