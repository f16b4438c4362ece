import fc from "fast-check";
import { describe, expect } from "vitest";
import type { Fetch } from "../../src/host.ts";
import { type ProviderId, providerIds } from "../../src/providers/index.ts";
import { createLine } from "../support/create-lines.ts";
import {
  anyFormat,
  anyJson,
  anyText,
  cut,
  cutting,
  expectSound,
  fuzz,
  hostileText,
  spoil,
  spoiling,
} from "../support/fuzz.ts";
import { createTerminal } from "../support/terminal.ts";
import { createWorld, type World } from "../support/world.ts";

/** Command lines for every API; `ID` is replaced by the id of a token. */
const common = [
  ...["whoami", "doctor", "token list", "token get ID"],
  ...["token roles ID", "token renew ID -y", "token delete ID -y"],
];
const resources = ["app list", "job list", "notebook list", "token reach ID", "app run image"];
/** Further command lines for some APIs. */
const special = {
  "ovh-ai": ["token create new -r read -l a=b", ...resources],
  osmo: ["token create new -r osmo-user -e 30d"],
  "ovh-cloud": [],
  "ovh-serving": [],
} as const satisfies Record<ProviderId, readonly string[]>;
const linesFor = (api: ProviderId): readonly string[] => [
  ...common,
  createLine(api, "new"),
  ...special[api],
];

/** Any header value: Latin-1 without C0 but with C1 control characters. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
});

/** The changes to one response. */
const harm = fc.record({
  /** The index of the response. */
  nth: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3),
  status: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    fc.constantFrom(204, 205, 301, 307, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 599),
    fc.integer({ min: 200, max: 599 }),
  ),
  headers: fc.array(
    fc.tuple(
      fc.constantFrom(
        ...["content-type", "content-length", "content-encoding", "location", "date"],
        ...["retry-after", "x-request-id", "www-authenticate", "x-ovh-queryid", "x-osmo-warning"],
      ),
      headerText,
    ),
    { maxLength: 3 },
  ),
  /** An error body in place of the response, in the forms of APIs and gateways. */
  refusal: fc.option(
    fc.oneof(
      fc.record({ message: anyJson, code: anyJson, details: anyJson, class: anyJson }),
      fc.record({ error: anyJson, error_description: anyJson, detail: anyJson }),
      fc.record({ message: anyText, error_code: anyText, workflow_id: anyJson }),
      anyJson,
    ),
    { freq: 3 },
  ),
  changes: fc.array(spoiling, { maxLength: 6 }),
  cuts: fc.array(cutting, { maxLength: 2 }),
});
type Harm = typeof harm extends fc.Arbitrary<infer T> ? T : never;

/** The sandbox with one changed response; collects the secrets that it issues. */
function harming(
  world: World,
  { nth, status, headers, refusal, changes, cuts }: Harm,
  handedOut: string[],
) {
  let asked = 0;
  const fetch: Fetch = async (url, init) => {
    const reply = await world.sandbox.request(url, init);
    const text = await new Response(reply.body as ReadableStream).text();
    handedOut.push(...(text.match(/(?<=")[\w+/]{43,}=?(?=")/g) ?? []));
    if (asked++ !== nth) return new Response(text || null, { status: reply.status });
    const document = refusal ?? parse(text);
    const body = typeof document === "string" ? document : JSON.stringify(spoil(document, changes));
    const bytes = cut(body ?? "", cuts);
    const spoilt = status ?? reply.status;
    const isEmpty = [204, 205, 304].includes(spoilt);
    const result = new Response(isEmpty ? null : new Uint8Array(bytes), { status: spoilt });
    for (const [name, value] of headers)
      if (!value.includes("\x7f")) result.headers.set(name, value);
    return result;
  };
  return fetch;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

describe.each(providerIds)("with any response of %s,", (api) => {
  fuzz(
    "a command ends with a known exit code and prints no secret",
    fc.tuple(fc.constantFrom(...linesFor(api)), anyFormat, harm),
    40,
    async ([line, format, harm]) => {
      const world = createWorld(api);
      await world.run(createLine(api, "old"));
      const [{ id }] = await world.json("token list");
      const args = [...line.replace("ID", id).split(" "), ...format];
      const handedOut: string[] = [];
      const outcome = await world.run(args, { fetch: harming(world, harm, handedOut) });
      expectSound(outcome, args, {
        everywhere: [world.environment["TOKCTL_APP_TOKEN"] ?? ""],
        besides: handedOut,
      });
    },
  );
});

describe("at a terminal, with any names from a server,", () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern removes them.
  const escapes = /\x1b\[[\d;]*m/g;

  fuzz(
    "tables and prompts have no control characters but those of tokctl",
    fc.tuple(
      fc.constantFrom("token list", "token get", "token delete", "token renew", "app list"),
      hostileText,
      fc.integer({ min: 1, max: 200 }),
    ),
    40,
    async ([line, name, columns]) => {
      const world = createWorld();
      const { id } = await world.json("token create old -r read -l a=b");
      const serving: Fetch = async (url, init) => {
        const reply = await world.sandbox.request(url, init);
        const text = await new Response(reply.body as ReadableStream).text();
        const named = text.replaceAll(/"(old|a=b)"/g, () => JSON.stringify(name));
        return new Response(named || null, { status: reply.status });
      };
      const words = / (get|delete|renew)/.test(line) ? [...line.split(" "), id] : line.split(" ");
      const { terminal, screen } = createTerminal([/y\/N/, "\r"]);
      const outcome = await world.run(words, {
        fetch: serving,
        terminal,
        stdout: { isTTY: true, columns },
        stderr: { isTTY: true, columns },
      });
      const plain = (text: string) => text.replaceAll(escapes, "");
      expectSound(
        { ...outcome, stdout: plain(outcome.stdout), stderr: plain(outcome.stderr) },
        words,
      );
      expectSound({ code: 0, stdout: screen(), stderr: "" }, words);
      if (/ (delete|renew)/.test(line)) expect(outcome.code).toBe(130);
    },
  );
});
