import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createFetch } from "../../src/http/undici.ts";
import {
  type Asked,
  answer,
  type Play,
  serialise,
  serveHostilely,
} from "../support/hostile-server.ts";
import { createWorld, type Outcome } from "../support/world.ts";
import { bodies } from "./bodies.ts";
import { connections } from "./connections.ts";
import { type Fault, headEnd, type Operation, operations } from "./fault.ts";
import { framing } from "./framing.ts";
import { lists } from "./lists.ts";
import { statuses } from "./statuses.ts";
import { type Row, toMarkdown } from "./table.ts";
import { tokens } from "./tokens.ts";

const groups = {
  "The connection": connections,
  "The HTTP of a reply": framing,
  "The body of a reply": bodies,
  "A token in a reply": tokens,
  "A list and its pages": lists,
  "Statuses, redirects and clocks": statuses,
} as const;

/** Where runs write down what they are about to send, each of them apart. */
const states = mkdtempSync(join(tmpdir(), "tokctl-test-"));
afterAll(() => rmSync(states, { recursive: true }));

/** One command, a fault, and a world for the two. */
async function prepare(fault: Fault, operation: Operation) {
  const world = createWorld();
  const state = join(states, randomUUID());
  const { sandbox, environment, origin } = world;
  const { line, method, path } = operations[operation];
  const credential = environment["TOKCTL_APP_TOKEN"] ?? "";
  let late = new AbortController();
  const expire = () => late.abort(new DOMException("late", "TimeoutError"));
  let met = 0;
  const plays = playsOf(fault, operation);
  // Which of several plays is played, or how far the next reply is sent.
  let [at, size] = [0, plays.length];
  const server = await serveHostilely({
    expire,
    tls: fault.https?.tls,
    connection: fault.connection && ((socket) => fault.connection?.(socket, expire)),
    spoils(asked) {
      if (fault.lasts === "for good" && met > 0) return true;
      const isMeant = asked.method === method && path.test(asked.path);
      return isMeant && (met++ === 0 || fault.lasts !== "once");
    },
    work: ({ method, path, headers, body }: Asked) =>
      sandbox.request(`${origin}${path}`, {
        method,
        headers: { ...headers },
        ...(body !== "" && { body }),
      }),
    async play(turn) {
      if (!fault.sweep) return (plays[at] ?? answer)(turn);
      const whole = serialise(await turn.work());
      const [from, to] =
        fault.sweep === "headers" ? [0, headEnd(whole)] : [headEnd(whole), whole.length];
      size ||= to - from;
      const isReset = at % 20 === 0;
      turn.socket.write(whole.subarray(0, from + Math.min(at, size - 1)), () =>
        isReset ? turn.socket.resetAndDestroy() : turn.socket.end(),
      );
      at += 10;
    },
  });
  if (fault.isAway) server.close();
  // A reading meets many of the cuts in one run.
  const options = fault.sweep ? "--retries 20 --timeout 24h" : "";
  const authorization = `Bearer ${credential}`;
  async function make(): Promise<string> {
    const body = JSON.stringify({ name: "ci", role: "ai_training_read" });
    const headers = { authorization };
    const reply = await sandbox.request(`${origin}/v1/token`, { method: "POST", headers, body });
    return ((await reply.json()) as { readonly id: string }).id;
  }
  let id = await make();
  const host = `${fault.https?.host ?? "127.0.0.1"}:${server.port}`;
  const url = `${fault.https ? "https" : "http"}://${host}`;

  /** How many tokens there are of those that the command makes. */
  async function countMade(): Promise<number> {
    const reply = await sandbox.request(`${origin}/v1/token?size=1000`, {
      headers: { authorization },
    });
    const { items } = (await reply.json()) as { items: { spec: { name: string } }[] };
    return items.filter(({ spec }) => spec.name === "new").length;
  }

  return {
    credential,
    close: server.close,
    isPlayed: () => at >= size,
    async run() {
      if (operation === "delete" && at > 0) id = await make();
      const [before, asked] = [await countMade(), server.seen.length];
      const outcome = await world.run(`${line.replace("ID", id)} ${options}`, {
        // Not the very function, which standalone programs take for a wish to be run: their clocks are real.
        createFetch: (network) => createFetch(network),
        deadline: () => {
          late = new AbortController();
          return late.signal;
        },
        env: { TOKCTL_URL: url, TOKCTL_CA_FILE: fault.https?.trust, TOKCTL_STATE_DIR: state },
      });
      if (!fault.sweep) at++;
      const seen = clean(outcome.stderr, { [url]: "URL", [host]: "HOST", [id]: "ID" });
      const creations = server.seen.slice(asked).filter((line) => line === "POST /v1/token");
      return { outcome, seen, made: (await countMade()) - before, sent: creations.length };
    },
  };
}

/** Of several plays the first is for every command, the others for one each, in turn. */
function playsOf({ play, ends }: Fault, operation: Operation): readonly Play[] {
  const met = Object.keys(ends);
  return [play ?? []].flat().filter((_, i) => i === 0 || i % met.length === met.indexOf(operation));
}

const clean = (text: string, names: Readonly<Record<string, string>>): string =>
  Object.entries(names)
    .reduce((all, [found, name]) => all.replaceAll(found, name), text)
    .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, "ID")
    .replaceAll(/\b(GET|POST|DELETE) (URL)?\/v1\/[\w/-]+/g, "REQUEST")
    .replaceAll(/knows no \/v1\/[\w/-]+/g, "knows no ID");

/** What an error says first. */
const sentence = /error\[\w+\]: (.+)/;

/** What holds whatever happens. */
function examine({ code, stdout, stderr }: Outcome, credential: string): void {
  for (const printed of [stdout, stderr]) {
    expect(printed).not.toMatch(/[^\P{C}\n]/u);
    expect(printed).not.toContain(credential);
    expect(printed).not.toMatch(/^\s+at |A bug in|s3cr3t|undefined|\[object/m);
  }
  if (code !== 0) expect(stdout).toBe("");
  if (code !== 0) expect(stderr).toMatch(/error\[\w+\]: .+\n.+/);
}

async function play(fault: Fault): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const operation of Object.keys(operations) as Operation[])
    if (fault.ends[operation] !== undefined) rows.push(await meet(fault, operation));
  return rows;
}

async function meet(fault: Fault, operation: Operation): Promise<Row> {
  const { run, isPlayed, credential, close } = await prepare(fault, operation);
  const sentences: string[] = [];
  try {
    do {
      const { outcome, made, sent, seen } = await run();
      const { code } = outcome;
      expect({ operation, code, seen }).toMatchObject({ code: fault.ends[operation] });
      examine(outcome, credential);
      expect(made).toBeLessThanOrEqual(1);
      if (operation === "create" && code === 0) expect(made).toBe(1);
      if (code === 8 || code === 10) expect(sent).toBeLessThanOrEqual(1);
      // What may exist is never told as a plain failure.
      if (operation === "create" && made > 0) expect([0, 10]).toContain(code);
      if (code === 10) expect(seen).toMatch(/tokctl (recover|token (list|renew))/);
      sentences.push(sentence.exec(seen)?.[1] ?? "the result");
    } while (!isPlayed());
  } finally {
    close();
  }
  return { operation, code: fault.ends[operation] ?? 0, seen: sentences[0] ?? "" };
}

const played = new Map<Fault, readonly Row[]>();

for (const [group, faults] of Object.entries(groups))
  test.concurrent.each(faults)(`${group}: $name`, { timeout: 120_000 }, async (fault) => {
    played.set(fault, await play(fault));
  });

test("docs/faults.md tells of all of them as they are: npm run generate", async () => {
  await expect(toMarkdown(groups, played)).toMatchFileSnapshot("../../docs/faults.md");
});
