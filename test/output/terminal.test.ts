import { beforeAll, describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { toRelativeTime } from "../../src/output/layouts.ts";
import type { RunOptions } from "../support/outcome.ts";
import { createWorld, type World } from "../support/world.ts";

const day = 86_400_000;
const terminal = (columns?: number) => ({ stdout: { isTTY: true, columns } });
const plain = { NO_COLOR: "1" };
const esc = "\x1b";
/** Returns the text in some cells of a line. */
function atCells(line: string, from: number, to: number): string {
  let at = 0;
  return [...line]
    .filter((character) => {
      const isInside = at >= from && at < to;
      at += cells(character);
      return isInside;
    })
    .join("");
}

const lines = (text: string) => text.trimEnd().split("\n");

/** Returns the width of a text in cells, for the characters of these tests. */
const cells = (text: string) =>
  [...text].reduce((sum, character) => sum + (/[日本😀]/u.test(character) ? 2 : 1), 0);

/** A server that lists tokens with these ids, `name-0` first. */
const listOf =
  (ids: readonly string[]): Fetch =>
  async (url) => {
    const { searchParams } = new URL(url);
    const [page, size] = ["page", "size"].map((name) => Number(searchParams.get(name)));
    const tokens = ids.map((id, i) => ({
      id,
      createdAt: "2026-01-01T00:00:00Z",
      updatedAt: "2026-01-01T00:00:00Z",
      spec: { name: `name-${i}`, role: "ai_training_read" },
      status: { version: 1 },
    }));
    const items = tokens.slice(((page || 1) - 1) * (size || 100)).slice(0, size || 100);
    return Response.json({ items, metadata: { total: tokens.length } });
  };

describe("a list at a terminal", () => {
  const world = createWorld();
  const long = "deploy-日本-😀😀😀😀-of-every-night";
  let ids: string[];
  beforeAll(async () => {
    for (const name of ["ci", long])
      await world.run(["token", "create", name, "-r", "read", "-l", "group=image-recognition"]);
    await world.run("app run registry.example/image:1 --name web -l group=image-recognition");
    ids = lines((await world.run("token list -q")).stdout);
    world.advance(2 * 3_600_000);
  });
  const list = async (columns?: number) =>
    lines((await world.run("token list", { env: plain, ...terminal(columns) })).stdout);
  const headings = /^ID +NAME +ROLES +SELECTOR +CREATED$/;

  test("has all columns on one line if it is wide enough, and relative times", async () => {
    for (const columns of [200, 0, undefined]) {
      const [head, first, ...more] = await list(columns);
      expect(head).toMatch(headings);
      expect(first).toMatch(/ group=image-recognition {2}2h ago$/);
      expect(more).toHaveLength(1);
    }
  });

  test("fits at every width that an id fits in, with every column and all text", async () => {
    for (let columns = 24; columns < 160; columns++) {
      const [head = "", ...rows] = await list(columns);
      const shown = [head, ...rows];
      const widest = Math.max(...shown.map(cells));
      expect(widest).toBeLessThanOrEqual(Math.max(columns, "ID: ".length + 36));
      for (const id of ids)
        expect(shown.some((line) => line.includes(id) || line.startsWith(id.slice(0, 8)))).toBe(
          true,
        );
      if (headings.test(head)) {
        const [first = 0, second = 0] = ["NAME", "ROLES"].map((key) => head.indexOf(key));
        // Wide characters take up one place of a string, and two cells.
        const name = rows.slice(1).map((row) => atCells(row, first, second - 2).trim());
        expect(name.join("")).toBe(long);
      } else {
        for (const key of ["ID", "NAME", "ROLES", "SELECTOR", "CREATED"])
          expect(shown.filter((line) => line.startsWith(`${key}: `))).toHaveLength(2);
        expect(shown.join("").replace(/ +/g, "")).toContain(`NAME:${long}ROLES:`);
      }
      expect(shown.join("")).not.toContain("…");
    }
  });

  test("is printed as blocks if a word would be broken", async () => {
    for (const columns of [130, 120, 110]) {
      const rows = await list(columns);
      expect(rows[0]).toMatch(headings);
      expect(rows).toHaveLength(3);
    }
    for (const columns of [45, 70, 80]) expect((await list(columns))[0]).toMatch(/^ID:/);
    expect(await list(44)).toEqual([
      `ID: ${ids[0]}`,
      "NAME: ci",
      "ROLES: ai_training_read",
      "SELECTOR: group=image-recognition",
      "CREATED: 2h ago",
      "",
      `ID: ${ids[1]}`,
      `NAME: ${long}`,
      "ROLES: ai_training_read",
      "SELECTOR: group=image-recognition",
      "CREATED: 2h ago",
    ]);
    expect((await list(46)).slice(0, 2)).toEqual([`ID:       ${ids[0]}`, "NAME:     ci"]);
  });

  test("has one line per token at 80 columns, with prefixes of ids that commands accept", async () => {
    const usual = createWorld();
    for (const name of ["nightly-build", "ci"])
      await usual.run(`token create ${name} -r ai_training_operator -l group=A`);
    const { stdout } = await usual.run("token list", { env: plain, ...terminal(80) });
    const [, first = "", ...more] = lines(stdout);
    expect(more).toHaveLength(1);
    const [id = ""] = first.split(" ");
    expect(id).toMatch(/^[0-9a-f]{8}$/);
    const { stdout: found } = await usual.run(`token get ${id} -o json`);
    expect(JSON.parse(found)).toMatchObject({ name: "nightly-build" });
  });

  test("shows as much of the ids as distinguishes them", async () => {
    const ids = ["0000aaaa-0000-4000-8000-000000000001", "0000aaaa-1111-4000-8000-000000000001"];
    const similar = createWorld();
    const fetch = listOf(ids);
    const { stdout } = await similar.run("token list", { fetch, env: plain, ...terminal(70) });
    const [, ...rows] = lines(stdout);
    expect(rows.map((row) => row.split(" ")[0])).toEqual(ids.map((id) => id.slice(0, 13)));
  });

  test("is followed by an empty line and the number of tokens if it is limited", async () => {
    const { stderr } = await world.run("token list --limit 1", { ...terminal(80) });
    expect(lines(stderr)).toEqual(["", expect.stringContaining("1 of 2")]);
  });

  test("is not wrapped in a pipe, with times in RFC 3339", async () => {
    const { stdout } = await world.run("token list", { stdout: { columns: 20 } });
    expect(stdout).toContain(`  ${long}  ai_training_read  `);
    expect(stdout).toMatch(/ 2026-11-23T12:00:\S+Z\n/);
    expect(stdout).not.toMatch(/…|ago/);
  });

  test.each(["token roles", "token roles ci", "profile show", "app list", "token reach ci"])(
    "%s fits 40 and 20 columns, except ids and URLs",
    async (line) => {
      for (const columns of [40, 20]) {
        const { code, stdout } = await world.run(line, { env: plain, ...terminal(columns) });
        expect(code).toBe(0);
        expect(lines(stdout).length).toBeGreaterThan(1);
        for (const row of lines(stdout).filter((row) => !/^(ID|ROLE|SETTING|URL):/.test(row)))
          expect(cells(row)).toBeLessThanOrEqual(columns);
      }
    },
  );

  test("of thousands has one token per line", async () => {
    const ids = Array.from(
      { length: 3000 },
      (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`,
    );
    const fetch = listOf(ids);
    const { stdout } = await world.run("token list", { fetch, env: plain, ...terminal(100) });
    expect(lines(stdout)).toHaveLength(ids.length + 1);
    expect(lines(stdout)[2999]).toMatch(/ name-2998 +ai_training_read +- +10mo ago$/);
  });
});

describe("a note on stderr at a terminal", () => {
  const at = { env: plain, stdout: { isTTY: true } };
  const stderrOf = async (world: World, line: string, options: RunOptions = at) => {
    const { code, stderr } = await world.run(line, options);
    expect(code).toBe(0);
    return stderr;
  };

  test.each([
    ["ovh-ai", "token list"],
    ["osmo", "token list"],
    ["ovh-cloud", "token list"],
    ["ovh-serving", "token list"],
    ["ovh-ai", "token list -o description"],
    ["ovh-ai", "app list --label group=nothing"],
    ["ovh-ai", "job list --label group=nothing"],
    ["ovh-ai", "notebook list --label group=nothing"],
    ["ovh-ai", "profile list"],
  ])("is printed for an empty list, and only there: %s, %s", async (api, line) => {
    const world = createWorld(api);
    expect(await stderrOf(world, line)).not.toBe("");
    expect(await stderrOf(world, line, {})).toBe("");
    for (const flags of ["-q", "-o json"])
      expect(await stderrOf(world, `${line} ${flags}`)).toBe("");
  });

  test("has the total of a limited list", async () => {
    const world = createWorld();
    for (const name of ["a", "b", "c"]) await world.run(`token create ${name} -r read`);
    expect(await stderrOf(world, "token list --limit 2")).toMatch(/\b2\b.*\b3\b/);
    expect(await stderrOf(world, "token list --limit 3")).toBe("");
    expect(await stderrOf(world, "token list --limit 2", {})).toBe("");
  });

  test("is printed for a token without roles", async () => {
    const world = createWorld("osmo");
    const fetch: Fetch = async (url, init) =>
      url.includes("/roles")
        ? Response.json({ user_name: "testuser", token_name: "ci", roles: [] })
        : world.sandbox.request(url, init);
    await world.run("token create ci");
    const { code, stdout, stderr } = await world.run("token roles ci", { fetch, ...at });
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).not.toBe("");
  });
});

describe("a description", () => {
  test("is short at a terminal, and has the layout of ovhai in a pipe", async () => {
    const world = createWorld();
    await world.run("token create ci -r read");
    const piped = await world.run("token get ci");
    expect(piped.stdout).toMatch(/^Info: {5}\n/);
    expect(piped.stdout).toContain(" 2026-11-23 12:00:00.000000101 UTC\n");
    const seen = await world.run("token get ci", { env: plain, ...terminal(80) });
    expect(seen.stdout).toMatch(/^Info:\n/);
    expect(seen.stdout).toContain(" 2026-11-23 12:00:00 UTC\n");
  });
});

describe("colors", () => {
  const red = (text: string) => `\x1b[31m${text}\x1b[39m`;
  const yellow = (text: string) => `\x1b[33m${text}\x1b[39m`;

  test("mark tokens that have expired or expire within 7 days", async () => {
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
    expect(row("over")).toContain(`${red("expired")}   ${red("24h ago")} `);
    expect(row("soon")).toContain(`${yellow("expiring")}  ${yellow("in 6d")} `);
    expect(row("later")).toContain(" active    in 7d ");
    const block = await world.run("token get over", terminal(200));
    expect(block.stdout).toContain(`  Status:     ${red("expired")}\n`);
    expect(block.stdout).toContain(`  Expires at: ${red("2026-11-24 00:00:00 UTC")}\n`);
    const dumb = await world.run("token list", { env: { TERM: "dumb" }, ...terminal(200) });
    expect(dumb.stdout).not.toContain("\x1b");
    expect(dumb.stdout).toContain("  in 6d  ");
  });
});

describe("a relative time", () => {
  const now = new Date("2026-11-23T12:00:00Z");
  test.each([
    ["2026-11-23T12:00:00Z", "now"],
    ["2026-11-23T11:59:59.178808548Z", "now"],
    ["2026-11-23T12:00:01Z", "in 1s"],
    ["2026-11-23T12:01:59Z", "in 119s"],
    ["2026-11-23T12:02:00Z", "in 2m"],
    ["2026-11-23T10:00:00Z", "2h ago"],
    ["2026-11-25T11:59:59Z", "in 47h"],
    ["2026-11-26T12:00:00Z", "in 3d"],
    ["2026-12-23T12:00:00Z", "in 30d"],
    ["2027-02-21T12:00:00Z", "in 3mo"],
    ["2024-11-23T12:00:00Z", "2y ago"],
    ["9999-12-31T23:59:59Z", "in 7,978y"],
  ])("%s is %s", (time, expected) => {
    expect(toRelativeTime(time, now)).toBe(expected);
  });
});

describe("stderr at a terminal", () => {
  const unscoped = "token create ci -r read";
  const said = async (line: string, columns?: number, env = plain) => {
    const { stderr } = await createWorld().run(line, { env, stderr: { isTTY: true, columns } });
    return lines(stderr);
  };

  test("is wrapped between words, except commands at the end of a line", async () => {
    for (const line of [unscoped, "token get nobody", "token create ci -r read -e 30d"]) {
      const whole = await said(line);
      const narrow = await said(line, 50);
      const rest = narrow.filter((each) => !/tokctl/.test(each));
      expect(narrow.length).toBeGreaterThan(whole.length);
      expect(rest.filter((each) => cells(each) > 50)).toEqual([]);
      const textOf = (lines: readonly string[]) =>
        withoutIds(lines.map((each) => each.trim()).join(" "));
      expect(textOf(narrow)).toBe(textOf(whole));
      for (const each of whole.map((text) => / tokctl (?!.*\. ).*$/.exec(text)?.[0] ?? ""))
        expect(narrow.some((text) => text.endsWith(each))).toBe(true);
    }
  });

  test("has colored warnings", async () => {
    const yellow = (await said(unscoped, 200, { NO_COLOR: "" })).filter((each) =>
      each.startsWith(`${esc}[33m`),
    );
    expect(yellow).toHaveLength(1);
  });
});

const withoutIds = (text: string) => text.replace(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, "ID");

describe("doctor at a terminal", () => {
  const examine = async (columns: number | undefined, env: Readonly<Record<string, string>>) =>
    lines((await createWorld().run("doctor", { env, ...terminal(columns) })).stdout);

  test("has every check in the color of its status", async () => {
    const coloured = await examine(200, {});
    expect(coloured.some((line) => line.startsWith(`${esc}[32mok${esc}[39m       program `))).toBe(
      true,
    );
    expect(coloured.filter((line) => /^(ok|warning|failed)/.test(line))).toEqual([]);
  });

  test.each([80, 40])("fits %i columns with every word", async (columns) => {
    const narrow = await examine(columns, plain);
    const isWhole = (line: string) => !line.trim().includes(" ");
    expect(narrow.filter((line) => line.length > columns && !isWhole(line))).toEqual([]);
    const words = (all: readonly string[]) => all.join(" ").split(/ +/);
    expect(words(narrow)).toEqual(words(await examine(undefined, plain)));
  });
});
