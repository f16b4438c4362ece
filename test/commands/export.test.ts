import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, test } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { errorOf } from "../support/error-of.ts";
import { createHome } from "../support/home.ts";

const specs: Readonly<Record<string, readonly string[]>> = {
  "ovh-ai": ["ci", "-r", "ai_training_read", "-l", "group=A"],
  "ovh-cloud": ["ci", "-r", "ai_training_read", "-l", "group=A", "--region", "GRA"],
  "ovh-serving": ["-r", "model-evaluation", "-r", "model-management", "--resource", "iris*"],
  osmo: ["ci", "-r", "osmo-user", "-r", "osmo-admin", "-e", "10d"],
};

/** A home with one token, and variables that select an API. */
async function createOwner(api: string) {
  const home = createHome(api);
  const env = { ...home.environment };
  const run = (line: string | readonly string[]) => home.run(line, { env });
  const json = (line: string | readonly string[]) => home.json(line, { env });
  const { token, ...created } = await json(["token", "create", ...(specs[api] ?? [])]);
  /** Exports, and expects success and no output on stderr. */
  const exported = async (line: string) => {
    const { stdout, ...rest } = await run(`token export ${line}`);
    expect(rest).toEqual({ code: 0, stderr: "" });
    expect(stdout).not.toContain(token);
    return stdout;
  };
  return { ...home, runAs: home.run, env, run, json, exported, created, secret: token as string };
}

/** Parses CSV strictly (RFC 4180): CRLF after each record, and quotes only around a whole field. */
function parseCsv(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  let rest = text;
  while (rest !== "") {
    const [all, quoted, plain = "", end] =
      /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest) ?? [];
    if (all === undefined) throw new Error(`invalid CSV: ${rest.slice(0, 50)}`);
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    rest = rest.slice(all.length);
    if (end === "\r\n") rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

/** Parses the Prometheus text format strictly. Returns the samples by metric. */
function parseMetrics(text: string) {
  expect(text).toMatch(/\n$/);
  const metrics = new Map<string, { labels: Record<string, string>; value: number }[]>();
  let helped = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? [];
    if (keyword === "HELP") helped = name;
    if (keyword === "TYPE") {
      expect([helped, rest]).toEqual([name, "gauge"]);
      metrics.set(name, []);
    }
    if (keyword !== undefined) continue;
    const label = String.raw`[a-z]+="(?:[^"\\\n]|\\["\\n])*"`;
    const [, metric = "", labels = "", value] =
      new RegExp(String.raw`^([a-z_]+)\{(${label}(?:,${label})*)\} (\d+(?:\.\d+)?)$`).exec(line) ??
      [];
    if (value === undefined) throw new Error(`invalid sample: ${line}`);
    const pairs = [...labels.matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, key = "", text = ""]) => [key, text.replace(/\\(.)/g, "$1")],
    );
    metrics.get(metric)?.push({ labels: Object.fromEntries(pairs), value: Number(value) });
  }
  return metrics;
}

/** Parses a calendar strictly (RFC 5545): CRLF, folded lines of at most 75 octets, escaped text. */
function parseCalendar(text: string) {
  const physical = text.split("\r\n");
  expect(physical.pop()).toBe("");
  for (const line of physical) {
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(line).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  }
  const lines = text.replaceAll("\r\n ", "").split("\r\n").slice(0, -1);
  const [begin, ...inside] = lines;
  expect([begin, inside.pop()]).toEqual(["BEGIN:VCALENDAR", "END:VCALENDAR"]);
  const events: Map<string, string>[] = [];
  const properties = new Map<string, string>();
  let event: Map<string, string> | undefined;
  for (const line of inside) {
    const [, name = "", value = ""] = /^([A-Z]+(?:;VALUE=DATE)?):(.*)$/.exec(line) ?? [];
    expect(name).not.toBe("");
    if (name === "BEGIN") event = new Map();
    else if (name === "END" && event) {
      events.push(event);
      event = undefined;
    } else {
      const isText = ["SUMMARY", "DESCRIPTION"].includes(name);
      if (isText) expect(value).toMatch(/^(?:[^\\;,]|\\[\\;,n])*$/);
      (event ?? properties).set(
        name,
        isText
          ? value.replace(/\\(.)/g, (_, character) => (character === "n" ? "\n" : character))
          : value,
      );
    }
  }
  expect(properties.get("VERSION")).toBe("2.0");
  expect(properties.get("PRODID")).toBeDefined();
  return events.map((each) => Object.fromEntries(each));
}

describe.each(Object.keys(specs))("token export on %s", (api) => {
  test("csv has the keys of JSON as header, and one record per token", async () => {
    const { exported, created } = await createOwner(api);
    const [header, ...records] = parseCsv(await exported("csv"));
    expect(header).toEqual(Object.keys(created));
    expect(records).toEqual([
      Object.values(created).map((value) => String(value ?? "").replace(/^[=+@-]/, "'$&")),
    ]);
  });

  test("ndjson has the objects of token list", async () => {
    const { exported, json } = await createOwner(api);
    const lines = (await exported("ndjson")).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line))).toEqual(await json("token list"));
  });

  test("prometheus has the gauges that the API has data for", async () => {
    const { exported, created, advance } = await createOwner(api);
    advance(3_600_000);
    const metrics = parseMetrics(await exported("prometheus"));
    const labels = { provider: api, profile: "", name: created.name ?? "", id: created.id };
    const age = metrics.get("tokctl_token_secret_age_seconds");
    const expiry = metrics.get("tokctl_token_expiry_timestamp_seconds");
    if (api === "osmo") {
      expect(age).toBeUndefined();
      expect(expiry).toEqual([{ labels, value: Date.parse(created.expiresAt) / 1000 }]);
    } else {
      expect(expiry ?? []).toEqual([]);
      expect(age).toEqual([{ labels, value: expect.closeTo(3600, 0) }]);
    }
  });

  test("with --quiet prints the same", async () => {
    const { exported } = await createOwner(api);
    expect(await exported("csv -q")).toBe(await exported("csv"));
  });

  test("exports no token as a header, as nothing, or as empty gauges", async () => {
    const { exported, run, created } = await createOwner(api);
    await run(`token delete ${created.id}`);
    expect(parseCsv(await exported("csv"))).toEqual([Object.keys(created)]);
    expect(await exported("ndjson")).toBe("");
    expect([...parseMetrics(await exported("prometheus")).values()].flat()).toEqual([]);
  });
});

describe("an exported calendar", () => {
  test("has an all-day event for each expiry", async () => {
    const { exported, run, created } = await createOwner("osmo");
    await run("token create later -r osmo-user -e 2027-02-03");
    expect(created.expiresAt).toBe("2026-12-04T00:00:00Z");
    const events = parseCalendar(await exported("ics"));
    expect(events).toMatchObject([
      { "DTSTART;VALUE=DATE": "20261204", DTSTAMP: "20261123T120000Z" },
      { "DTSTART;VALUE=DATE": "20270203", SUMMARY: expect.stringContaining('"later"') },
    ]);
    expect(new Set(events.map(({ UID }) => UID)).size).toBe(2);
  });

  test("keeps the UID of a token after a renewal with another expiry", async () => {
    const { exported, run, advance } = await createOwner("osmo");
    const [before] = parseCalendar(await exported("ics"));
    advance(86_400_000);
    await run("token renew ci -e 60d");
    const [after] = parseCalendar(await exported("ics"));
    expect(after?.["UID"]).toBe(before?.["UID"]);
    expect(after?.["DTSTART;VALUE=DATE"]).not.toBe(before?.["DTSTART;VALUE=DATE"]);
  });

  test("ends with 2 on ovh-serving before anything is sent, because its tokens have no expiry", async () => {
    const { run, requests } = await createOwner("ovh-serving");
    const sent = requests.length;
    expect((await run("token export ics")).code).toBe(2);
    expect(requests).toHaveLength(sent);
  });
});

describe("the selection", () => {
  test("has the filters of token list", async () => {
    const { exported, run } = await createOwner("ovh-ai");
    await run("token create other -r ai_training_operator");
    const names = async (options: string) =>
      parseCsv(await exported(`csv ${options}`))
        .slice(1)
        .map(([, name]) => name);
    expect(await names("")).toEqual(["ci", "other"]);
    expect(await names("--role ai_training_operator")).toEqual(["other"]);
    expect(await names("--label group=A")).toEqual(["ci"]);
    expect(await names("--name c*")).toEqual(["ci"]);
    expect(await names("--unscoped")).toEqual(["other"]);
  });

  test("can be ids on stdin; a missing one ends with 9 after the export of the others", async () => {
    const { run, env, created, ...home } = await createOwner("ovh-ai");
    await run("token create other -r ai_training_operator");
    const fromStdin = (stdin: string) => home.runAs("token export csv -", { env, stdin });
    const ids = async (stdin: string) => {
      const { code, stdout } = await fromStdin(stdin);
      return {
        code,
        ids: parseCsv(stdout)
          .slice(1)
          .map(([id]) => id),
      };
    };
    expect(await ids(created.id)).toEqual({ code: 0, ids: [created.id] });
    expect(await ids(`${created.id}\nnosuch\n`)).toEqual({ code: 9, ids: [created.id] });
    expect((await fromStdin("nosuch")).code).toBe(3);
  });

  test("names the profile in metrics", async () => {
    const home = createHome("ovh-ai");
    await home.login("-p work");
    await home.json("token create ci -r ai_training_read");
    const { stdout } = await home.run("token export prometheus");
    const [sample] = parseMetrics(stdout).get("tokctl_token_secret_age_seconds") ?? [];
    expect(sample?.labels).toMatchObject({ provider: "ovh-ai", profile: "work", name: "ci" });
  });
});

describe("hostile text of a server", () => {
  const hostile =
    '=cmd|"/c calc"!A1,\r\n\u001b[31m;\\n\u202e €äöü €äöü €äöü €äöü €äöü €äöü €äöü €äöü';

  /** A home with a server that sends a description with formula, controls and long characters. */
  function createHostile(description: string) {
    const home = createHome("osmo");
    const body = {
      user_name: "@SUM(1)",
      token_name: "ci",
      expires_at: "2026-12-31T00:00:00",
      description,
      roles: ["osmo-user"],
    };
    const fetch: Fetch = async (url, init) =>
      init.method === "GET" ? Response.json([body]) : home.sandbox.request(url, init);
    return { run: (line: string) => home.run(line, { env: { ...home.environment }, fetch }) };
  }

  test.each(["=", "+", "-", "@", "＝"])("in csv never starts with %s", async (start) => {
    const { run } = createHostile(`${start}1+1`);
    const { stdout } = await run("token export csv");
    const [, record = []] = parseCsv(stdout);
    expect(record).toContain(`'${start}1+1`);
    expect(record).toContain("'@SUM(1)");
  });

  test.each(["csv", "ndjson", "prometheus", "ics"])(
    "in %s contains no control characters, and stays one value",
    async (format) => {
      const { run } = createHostile(hostile);
      const { code, stdout } = await run(`token export ${format}`);
      expect(code).toBe(0);
      expect(stdout.replaceAll(/\r?\n/g, "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      if (format === "csv") expect(parseCsv(stdout)).toHaveLength(2);
      if (format === "ndjson") expect(JSON.parse(stdout).description).toBe(hostile);
      if (format === "prometheus") expect(parseMetrics(stdout).size).toBe(1);
      if (format === "ics") expect(parseCalendar(stdout)).toHaveLength(1);
    },
  );
});

describe("--output-file", () => {
  test("writes a file that others can read, and leaves no other file", async () => {
    const { run, exported, path, read } = await createOwner("osmo");
    mkdirSync(path("out"));
    for (const text of ["old", undefined]) {
      if (text) writeFileSync(path("out/tokens.prom"), text);
      const file = path("out/tokens.prom");
      const written = await run(`token export prometheus --output-file ${file}`);
      expect(written).toMatchObject({ code: 0, stdout: expect.stringContaining(file) });
    }
    expect(read("out/tokens.prom")).toBe(await exported("prometheus"));
    expect(statSync(path("out/tokens.prom")).mode & 0o777).toBe(0o644 & ~process.umask());
    expect(readdirSync(path("out"))).toEqual(["tokens.prom"]);
  });

  test("follows a link to a file", async () => {
    const { run, path, read } = await createOwner("ovh-ai");
    writeFileSync(path("target.csv"), "old");
    symlinkSync(path("target.csv"), path("link.csv"));
    expect((await run(`token export csv --output-file ${path("link.csv")}`)).code).toBe(0);
    expect(read("target.csv")).toMatch(/^id,/);
  });

  test.each(["/dev/null", "folder", "missing/tokens.csv", "broken-link"])(
    "ends with 2 for %s, and replaces nothing",
    async (name) => {
      const { run, path } = await createOwner("ovh-ai");
      mkdirSync(path("folder"));
      symlinkSync(path("nowhere"), path("broken-link"));
      const file = name.startsWith("/") ? name : path(name);
      const failed = await run(`token export csv --output-file ${file}`);
      expect(failed.code).toBe(2);
      expect(errorOf(failed).message).toContain(file);
      expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    },
  );

  test("in JSON names the file, and without it has the content", async () => {
    const { json, path, exported } = await createOwner("ovh-ai");
    const file = path("tokens.csv");
    expect(await json(`token export csv --output-file ${file}`)).toEqual({
      format: "csv",
      tokens: 1,
      path: file,
      content: null,
    });
    expect(readFileSync(file, "utf8")).toBe(await exported("csv"));
    expect(await json("token export csv")).toEqual({
      format: "csv",
      tokens: 1,
      path: null,
      content: readFileSync(file, "utf8"),
    });
  });
});

test.each(["", "xml", "csv ndjson"])("token export %s ends with 2", async (words) => {
  const { run } = await createOwner("ovh-ai");
  expect((await run(`token export ${words}`)).code).toBe(2);
});
