import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createFetch } from "../../src/http/transport/undici.ts";
import type { Sandbox } from "../../src/sandbox/app.ts";
import {
  type Asked,
  answer,
  type Play,
  serialise,
  serveHostilely,
} from "../support/hostile-server.ts";
import type { Outcome } from "../support/outcome.ts";
import { createWorld } from "../support/world.ts";
import type { Api, Call } from "./apis.ts";
import { endsOf, groupsOf } from "./expected.ts";
import { type Ends, type Fault, headEnd, type Operation } from "./fault.ts";
import { type Row, toMarkdown } from "./table.ts";

/** The state folders of the runs. */
const states = mkdtempSync(join(tmpdir(), "tokctl-test-"));
afterAll(() => rmSync(states, { recursive: true }));

/** Prepares a world for one command and one fault. */
async function prepare(api: Api, fault: Fault, operation: Operation) {
  const world = createWorld(api.id);
  const state = join(states, randomUUID());
  const { sandbox, environment, origin } = world;
  const { line, method, path } = api.operations[operation];
  const credential = environment["TOKCTL_APP_TOKEN"] ?? "";
  // A request can depend on another one, such as the request for an access token.
  const deadlines = new Set<AbortController>();
  const expire = () => {
    for (const late of deadlines) late.abort(new DOMException("late", "TimeoutError"));
    deadlines.clear();
  };
  let met = 0;
  const plays = playsOf(fault, operation);
  // The index of the play, or the number of bytes that are sent of the next response.
  let [at, size] = [0, plays.length];
  const server = await serveHostilely({
    expire,
    tls: fault.https?.tls,
    connection: fault.connection && ((socket) => fault.connection?.(socket, expire)),
    spoils(asked) {
      if (fault.lasts === "always" && met > 0) return true;
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
  // A GET meets many truncated responses in one run.
  const options = fault.sweep ? "--retries 20 --timeout 24h" : "";
  const tokens = api.tokens(environment);
  const call = await signIn(sandbox, api, credential);
  let names = 0;
  async function make(): Promise<string> {
    const name = `ci${++names}`;
    const { method, path, body } = api.creation(name);
    return api.idOf(await (await call(method, tokens + path, body)).json(), name);
  }
  let id = await make();
  // Another process may take the port of a closed server, but not one at an unused loopback
  // address.
  const address = fault.isAway ? "127.0.0.2" : "127.0.0.1";
  const host = `${fault.https?.host ?? address}:${server.port}`;
  const url = `${fault.https ? "https" : "http"}://${host}`;

  /** Returns the number of tokens that `token create` made. */
  const countMade = async () =>
    api.made(
      await (await call("GET", `${tokens}${api.id === "ovh-ai" ? "?size=1000" : ""}`)).json(),
    ).length;

  return {
    credential,
    close: server.close,
    isPlayed: () => at >= size,
    async run() {
      if (["delete", "renew"].includes(operation) && at > 0) id = await make();
      const name = `new${++names}`;
      const [before, asked] = [await countMade(), server.seen.length];
      const outcome = await world.run(`${line.replace("ID", id).replace("NEW", name)} ${options}`, {
        // A wrapper, since a world runs the standalone program, with a real clock, for
        // `createFetch` itself.
        createFetch: (network) => createFetch(network),
        deadline: () => {
          const late = new AbortController();
          deadlines.add(late);
          return late.signal;
        },
        env: {
          TOKCTL_URL: `${url}${api.base}`,
          TOKCTL_CA_FILE: fault.https?.trust,
          TOKCTL_STATE_DIR: state,
        },
      });
      if (!fault.sweep) at++;
      const seen = clean(outcome.stderr, {
        [`${url}${api.base}`]: "URL",
        [url]: "URL",
        [host]: "HOST",
        [`"${name}"`]: '"new"',
        [id]: "ID",
        ...(environment["TOKCTL_PROJECT"] && { [environment["TOKCTL_PROJECT"]]: "PROJECT" }),
        ...(environment["TOKCTL_NAMESPACE"] && { [environment["TOKCTL_NAMESPACE"]]: "NAMESPACE" }),
      });
      const { create } = api.operations;
      const creations = server.seen.slice(asked).filter((line) => {
        const [method, path = ""] = line.split(" ");
        return method === create.method && create.path.test(path);
      });
      return { outcome, seen, made: (await countMade()) - before, sent: creations.length };
    },
  };
}

/** Returns the plays of a command: the first, and a part of the others. */
function playsOf({ play, ends }: Fault, operation: Operation): readonly Play[] {
  const met = Object.keys(ends);
  return [play ?? []].flat().filter((_, i) => i === 0 || i % met.length === met.indexOf(operation));
}

async function signIn(
  { request }: Pick<Sandbox, "request">,
  { exchange }: Api,
  credential: string,
): Promise<Call> {
  const call =
    (bearer: string): Call =>
    (method, path, body) =>
      request(`http://127.0.0.1:8787${path}`, {
        method,
        headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
  if (exchange === undefined) return call(credential);
  const reply = await call("")("POST", exchange, { token: credential });
  return call(((await reply.json()) as { readonly token: string }).token);
}

/** Replaces names, ids and paths that differ between runs or commands. */
const clean = (text: string, names: Readonly<Record<string, string>>): string =>
  Object.entries(names)
    .reduce((all, [found, name]) => all.replaceAll(found, name), text)
    .replaceAll(/[\da-f]{8}-[\da-f-]{27}/g, "ID")
    .replaceAll(/\b(GET|POST|PUT|DELETE) (URL)?\/[\w/.?=&%-]+/g, "REQUEST")
    .replaceAll(/(?<=\s)\/[\w/.?=&%-]+/g, "PATH");

/** The message of an error. */
const messagePattern = /error\[\w+\]: (.+)/;

/** Checks the rules for all faults. */
function examine({ code, stdout, stderr }: Outcome, credential: string): void {
  for (const printed of [stdout, stderr]) {
    expect(printed).not.toMatch(/[^\P{C}\n]/u);
    expect(printed).not.toContain(credential);
    expect(printed).not.toMatch(/^\s+at |error\[unexpected\]|s3cr3t|undefined|\[object/m);
  }
  if (code !== 0) expect(stdout).toBe("");
  if (code !== 0) expect(stderr).toMatch(/error\[\w+\]: .+\n.+/);
}

async function play(api: Api, fault: Fault, ends: Ends): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const operation of Object.keys(api.operations) as Operation[]) {
    const code = ends[operation];
    if (code !== undefined) rows.push(await meet(api, fault, operation, code));
  }
  return rows;
}

async function meet(api: Api, fault: Fault, operation: Operation, end: number): Promise<Row> {
  const { run, isPlayed, credential, close } = await prepare(api, fault, operation);
  const messages: string[] = [];
  try {
    do {
      const { outcome, made, sent, seen } = await run();
      const { code } = outcome;
      expect({ operation, code, seen }).toMatchObject({ code: end });
      examine(outcome, credential);
      expect(made).toBeLessThanOrEqual(1);
      if (operation === "create" && code === 0) expect(made).toBe(1);
      if (code === 8 || code === 10) expect(sent).toBeLessThanOrEqual(1);
      // If a token may exist, the exit code is 0 or 10.
      if (operation === "create" && made > 0) expect([0, 10]).toContain(code);
      if (code === 10) expect(seen).toMatch(/tokctl (recover|token (list|renew|create))/);
      messages.push(messagePattern.exec(seen)?.[1] ?? "success");
    } while (!isPlayed());
  } finally {
    close();
  }
  return { operation, code: end, message: messages[0] ?? "" };
}

/**
 * Runs every command of an API against every fault, and compares the results with
 * docs/reference/faults.
 */
export function describeFaults(api: Api): void {
  const played = new Map<Fault, readonly Row[]>();
  const groups = groupsOf(api);
  for (const [group, faults] of Object.entries(groups))
    test.concurrent.each(faults)(`${group}: $name`, { timeout: 120_000 }, async (fault) => {
      played.set(fault, await play(api, fault, endsOf(api, fault)));
    });
  test("docs/reference/faults is up to date: npm run generate", async () => {
    const page = toMarkdown(api.title, groups, played);
    await expect(page).toMatchFileSnapshot(`../../docs/reference/faults/${api.id}.md`);
  });
}
