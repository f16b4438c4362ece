import { beforeAll, describe, expect, test } from "vitest";
import { toRelativeTime } from "../../src/output/relative-time.ts";
import { createWorld } from "../support/world.ts";

const day = 86_400_000;
const terminal = (columns?: number) => ({ stdout: { isTTY: true, columns } });
const plain = { NO_COLOR: "1" };
const lines = (text: string) => text.trimEnd().split("\n");

/** How many cells of a terminal a text without controls takes up, for the characters of these tests. */
const cells = (text: string) =>
  [...text].reduce((sum, character) => sum + (/[日本😀]/u.test(character) ? 2 : 1), 0);

describe("a list at a terminal", () => {
  const world = createWorld();
  let ids: string[];
  beforeAll(async () => {
    for (const name of ["ci", "deploy-日本-😀😀😀😀-of-every-night"])
      await world.run(["token", "create", name, "-r", "read", "-l", "group=image-recognition"]);
    await world.run("app run registry.example/image:1 --name web -l group=image-recognition");
    ids = lines((await world.run("token list -q")).stdout);
    world.advance(2 * 3_600_000);
  });
  const list = async (columns?: number) =>
    lines((await world.run("token list", { env: plain, ...terminal(columns) })).stdout);

  test("has all columns where there is room, and tells times from now", async () => {
    for (const columns of [200, 0, undefined]) {
      const [head, first] = await list(columns);
      expect(head).toMatch(/^ID +NAME +ROLES +SELECTOR +STATUS +EXPIRES +CREATED$/);
      expect(first).toMatch(/ active {2}- {8}2 hours ago$/);
    }
  });

  test("fits at every width that has room for an id, and never cuts that", async () => {
    for (let columns = 1; columns < 160; columns++) {
      const [head, ...rows] = await list(columns);
      expect(head).toMatch(/^ID/);
      expect(rows.map((row) => row.split(" ")[0])).toEqual(ids);
      const widest = Math.max(...rows.map(cells));
      expect(widest).toBeLessThanOrEqual(Math.max(columns, 36));
      expect(rows.join()).not.toMatch(/\p{Cs}|hour…|hours…|ago…|activ…/u);
    }
  });

  test("loses the time of creation first, then the selector, and the name last", async () => {
    const shown = async (columns: number) =>
      (await list(columns))[0]?.split(/ +/).slice(1).join(" ");
    expect(await shown(145)).toBe("NAME ROLES SELECTOR STATUS EXPIRES");
    expect(await shown(118)).toBe("NAME ROLES SELECTOR STATUS EXPIRES");
    expect(await shown(117)).toBe("NAME ROLES STATUS EXPIRES");
    expect(await shown(96)).toBe("NAME STATUS EXPIRES");
    expect(await shown(89)).toBe("NAME EXPIRES");
    expect(await shown(42)).toBe("NAME");
    expect(await shown(41)).toBe("");
  });

  test("cuts wide characters whole", async () => {
    expect((await list(50))[2]).toBe(`${ids[1]}  deploy-日本…`);
    expect((await list(51))[2]).toBe(`${ids[1]}  deploy-日本-…`);
    expect((await list(52))[2]).toBe(`${ids[1]}  deploy-日本-…`);
    expect((await list(53))[2]).toBe(`${ids[1]}  deploy-日本-😀…`);
  });

  test("is whole in a pipe, whatever its width, with times in RFC 3339", async () => {
    const { stdout } = await world.run("token list", { stdout: { columns: 20 } });
    expect(stdout).toContain("  deploy-日本-😀😀😀😀-of-every-night  ai_training_read  ");
    expect(stdout).toMatch(/ 2026-11-23T12:00:\S+Z\n/);
    expect(stdout).not.toMatch(/…|ago/);
  });

  test.each(["token roles", "token roles ci", "profile show", "app list", "token reach ci"])(
    "%s fits 40 and 20 columns",
    async (line) => {
      for (const columns of [40, 20]) {
        const { code, stdout } = await world.run(line, { env: plain, ...terminal(columns) });
        expect(code).toBe(0);
        expect(lines(stdout).length).toBeGreaterThan(1);
        // What is left at least are the ids.
        const whole = lines(stdout).map((row) => cells(row.split(" ")[0] ?? ""));
        for (const row of lines(stdout))
          expect(cells(row)).toBeLessThanOrEqual(Math.max(columns, ...whole));
      }
    },
  );
});

describe("colours tell", () => {
  const red = (text: string) => `\x1b[31m${text}\x1b[39m`;
  const yellow = (text: string) => `\x1b[33m${text}\x1b[39m`;

  test("what has expired, and what will within 7 days", async () => {
    const world = createWorld("osmo");
    for (const [name, date] of [
      ["over", "2026-11-24"],
      ["soon", "2026-12-02"],
      ["later", "2026-12-03"],
    ])
      expect((await world.run(`token create ${name} -e ${date}`)).code).toBe(0);
    world.advance(day + 12 * 3_600_000 + 1);
    const { stdout } = await world.run("token list --sort expires", terminal(200));
    const row = (name: string) => lines(stdout).find((line) => line.startsWith(`${name} `));
    expect(row("over")).toContain(`${red("expired")}  ${red("24 hours ago")} `);
    expect(row("soon")).toContain(` active   ${yellow("in 6 days")} `);
    expect(row("later")).toContain(" active   in 7 days ");
    // Its colour ends with it where it is cut, too.
    const narrow = await world.run("token list", terminal(34));
    expect(narrow.stdout).toContain(`${red("expir…")}  ${red("24 hours ago")}\n`);
    const block = await world.run("token get over", terminal(200));
    expect(block.stdout).toContain(`  Status:     ${red("expired")}\n`);
    expect(block.stdout).toContain(`  Expires at: ${red("2026-11-24 00:00:00 UTC")}\n`);
    const dumb = await world.run("token list", { env: { TERM: "dumb" }, ...terminal(200) });
    expect(dumb.stdout).not.toContain("\x1b");
    expect(dumb.stdout).toContain("  in 6 days  ");
  });
});

describe("a time from now", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  test.each([
    ["2026-11-23T12:00:00Z", "now"],
    ["2026-11-23T11:59:59.178808548Z", "now"],
    ["2026-11-23T12:00:01Z", "in 1 second"],
    ["2026-11-23T12:01:59Z", "in 119 seconds"],
    ["2026-11-23T12:02:00Z", "in 2 minutes"],
    ["2026-11-23T10:00:00Z", "2 hours ago"],
    ["2026-11-25T11:59:59Z", "in 47 hours"],
    ["2026-11-26T12:00:00Z", "in 3 days"],
    ["2026-12-23T12:00:00Z", "in 30 days"],
    ["2027-02-21T12:00:00Z", "in 3 months"],
    ["2024-11-23T12:00:00Z", "2 years ago"],
    ["9999-12-31T23:59:59Z", "in 7,978 years"],
  ])("%s is %s", (time, expected) => {
    expect(toRelativeTime(time, now)).toBe(expected);
  });
});
