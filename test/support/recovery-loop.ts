import { readFileSync } from "node:fs";
import type { Fetch, FetchInit, FetchReply } from "../../src/host.ts";
import { NotConnectedError } from "../../src/http/errors/network-fault.ts";
import type { ProviderId } from "../../src/providers/index.ts";
import { createRandomNumbers } from "../../src/sandbox/generate.ts";
import { createLine } from "./create-lines.ts";
import { createHome } from "./home.ts";
import type { RunOptions } from "./outcome.ts";

/** Options of a recovery loop. */
export interface LoopOptions {
  readonly api: ProviderId;
  readonly seed: number;
  /** Number of create, renew and recover runs. */
  readonly runs: number;
  /** Number of machines that share the account, each with a separate journal. */
  readonly machines: number;
  /** Number of token names; 0 gives each token a unique name. */
  readonly names: number;
  /** Number of concurrent runs. */
  readonly atOnce: number;
}

/** Result of a loop. All lists of failures must be empty. */
export interface LoopReport {
  /** Valid tokens with a lost secret, after all journal entries were completed. */
  readonly orphans: readonly string[];
  /** Delivered secrets that a recovery invalidated, with the run. */
  readonly destroyed: readonly string[];
  /** Journal entries that no command completes. */
  readonly endless: readonly string[];
  /** The runs and their results. */
  readonly history: readonly string[];
  /**
   * Number of secrets created, responses lost, programs killed, and cases that need a user's
   * decision.
   */
  readonly made: number;
  readonly lost: number;
  readonly killed: number;
  readonly undecided: number;
}

/** A token, and whether this machine issued its secret or the secret was delivered. */
interface RenewCandidate {
  readonly id: string;
  readonly isKnown: boolean;
}

/** Whether the loop may renew a token of an API. */
const canRenew: Readonly<Record<ProviderId, (token: RenewCandidate) => boolean>> = {
  "ovh-ai": () => true,
  "ovh-cloud": () => true,
  // The API does not return whether a token was renewed.
  "ovh-serving": ({ isKnown }) => isKnown,
  // A renewal uses these names temporarily.
  osmo: ({ id }) => !id.includes("-probe-"),
};

/** Returns functions that make random choices, which the seed determines. */
export function createRandom(seed: number) {
  const next = createRandomNumbers(seed);
  return {
    below: (limit: number) => Math.floor(next() * limit),
    chance: (share: number) => next() < share,
    pick: <T>(some: readonly T[]): T => some[Math.floor(next() * some.length)] as T,
  };
}

/** The fields of `recover -o json` that the loop reads. */
interface Recovered {
  readonly entry: string;
  readonly outcome: string | null;
  readonly candidates: readonly { readonly id: string }[];
}

/** A secret that the service created, and the run that received it. */
interface Issue {
  readonly id: string;
  readonly secret: string;
  readonly run: number;
}

interface Run {
  readonly number: number;
  readonly machine: number;
  /** `user`: the user requested the change. `recovery`: the program decided. */
  readonly by: "user" | "recovery";
  readonly verb: "create" | "renew" | "recover";
  text: string;
  said: string;
  beats: (() => void)[];
  isKilled: boolean;
  /** Number of secrets at the start of the run, and number of changes by the run. */
  readonly since: number;
  /** Number of secrets at the last read of the run. */
  looked: number;
  changes: number;
}

const faults = ["none", "refused", "cut before", "cut after", "cut in reply", "held up"] as const;

/**
 * Runs create, renew and recover commands against the emulated API. Connections fail before, during
 * and after the change, and programs are killed at any step. At the end, the documented commands
 * complete all pending operations.
 */
export async function runLoop(options: LoopOptions): Promise<LoopReport> {
  const { api, seed, machines, atOnce } = options;
  const random = createRandom(seed);
  const home = createHome(api);
  const { sandbox } = home;
  const environment = { ...home.environment };
  const issues: Issue[] = [];
  const current = new Map<string, Issue>();
  const runs: Run[] = [];
  const active = new Set<Run>();
  const destroyed: string[] = [];
  const files: string[] = [];
  const history: string[] = [];
  const counts = { lost: 0, killed: 0, undecided: 0 };

  const hasSecret = (secret: string) =>
    runs.some(({ text }) => text.includes(secret)) ||
    files.some((path) => read(path).includes(secret));

  /** Returns whether the secret of a token that a machine created is lost. */
  const isLost = (id: string, machine: number): boolean => {
    const issue = current.get(id);
    return (
      issue !== undefined && !hasSecret(issue.secret) && runs[issue.run - 1]?.machine === machine
    );
  };

  function pass(milliseconds: number): void {
    home.advance(milliseconds);
    for (const { beats } of active) for (const beat of beats) beat();
  }

  /** Sends a request to the service, and records created and revoked secrets. */
  async function send(run: Run, url: string, init: FetchInit) {
    const { method } = init;
    const changes = method !== "GET" && !/jwt|oauth|1\.0\/auth/.test(url);
    const path = new URL(url).pathname.split("/").map(decodeURIComponent);
    const named = method === "DELETE" ? path.at(-1) : path.findLast((part) => current.has(part));
    const before = named === undefined ? undefined : current.get(named);
    const reply = await sandbox.request(url, init);
    if (!changes || reply.status >= 300) {
      if (method === "GET" && /token/.test(url)) run.looked = issues.length;
      return reply;
    }
    const index = issues.indexOf(before as Issue);
    // No API rejects a change of a token that has changed since it was read.
    const isSeen = index < run.looked;
    const isDecided =
      (run.by === "recovery" && isSeen) ||
      // The user requests one renewal; the program decides about later ones.
      (api !== "osmo" && run.changes++ > 0 && isSeen && index >= run.since);
    if (before && isDecided && hasSecret(before.secret) && before.run !== run.number)
      destroyed.push(`${before.id} by run ${run.number} (${run.verb})`);
    if (method === "DELETE" && named !== undefined) current.delete(named);
    const text = await reply.text();
    const made = method === "DELETE" ? undefined : readIssue(text, path);
    if (made) {
      const issue = { ...made, run: run.number };
      history.push(`#${run.number} made ${issue.id}: ${issue.secret}`);
      issues.push(issue);
      current.set(issue.id, issue);
    }
    const { status, headers } = reply;
    return new Response(status === 204 ? null : text, { status, headers });
  }

  function faultyFetch(run: Run, isFaulty: boolean, step: () => Promise<void>): Fetch {
    return async (url, init) => {
      await step();
      pass(1 + random.below(200));
      const isChange = init.method !== "GET";
      const fault =
        isFaulty && random.chance(isChange ? 0.45 : 0.03) ? random.pick(faults) : "none";
      if (fault === "refused") throw new NotConnectedError(new Error("refused"));
      if (fault === "cut before") return cut();
      if (fault === "held up") {
        pass(random.below(29_000));
        await send(run, url, init);
        pass(random.below(1000));
        return cut();
      }
      const reply = await send(run, url, init);
      await step();
      pass(1 + random.below(200));
      if (fault === "cut after") return cut();
      return fault === "cut in reply" ? half(reply) : reply;
    };
  }

  const cut = (): never => {
    counts.lost++;
    throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
  };

  /** Returns a reply with an incomplete body. */
  const half = (reply: Response): FetchReply => ({
    status: reply.status,
    headers: reply.headers,
    body: (async function* () {
      yield new Uint8Array(await reply.arrayBuffer()).slice(0, 10);
      cut();
    })(),
  });

  /** Runs a command line. A killed run never settles, so the caller does not wait for it. */
  async function start(
    run: Pick<Run, "machine" | "verb" | "by">,
    line: string,
    isFaulty: boolean,
  ): Promise<string | undefined> {
    const self: Run = {
      ...run,
      number: runs.length + 1,
      text: "",
      said: "",
      beats: [],
      isKilled: false,
      since: issues.length,
      looked: issues.length,
      changes: 0,
    };
    runs.push(self);
    active.add(self);
    let steps = isFaulty && random.chance(0.3) ? random.below(9) : Number.POSITIVE_INFINITY;
    let kill = (_: undefined): void => {};
    const killed = new Promise<undefined>((resolve) => {
      kill = resolve;
    });
    const forever = new Promise<never>(() => {});
    const step = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (self.isKilled) return forever;
      if (steps-- > 0) return;
      counts.killed++;
      self.isKilled = true;
      active.delete(self);
      kill(undefined);
      return forever;
    };
    const machine = `machine ${self.machine}`;
    const ended = home.run(line, {
      env: { ...environment, TOKCTL_STATE_DIR: home.path(`state-${self.machine}`) },
      process: { id: self.number, machine, startTime: String(self.number) },
      isRunning: ({ id }) => [...active].some(({ number }) => number === id),
      fetch: faultyFetch(self, isFaulty, step),
      sleep: (milliseconds) => pass(milliseconds / 2),
      every: (_, call) => {
        self.beats.push(call);
        return () => {
          self.beats = self.beats.filter((each) => each !== call);
        };
      },
      stdout: {
        write: async (text) => {
          await step();
          self.text += text;
          await step();
        },
      },
      stderr: {
        write: async (text) => {
          self.said += text;
          await step();
        },
      },
    } satisfies RunOptions);
    const outcome = await Promise.race([ended, killed]);
    active.delete(self);
    history.push(
      [
        `#${self.number}, machine ${self.machine}: tokctl ${line}`,
        self.since,
        outcome?.code ?? "killed",
        self.said,
        self.text,
      ].join("\n"),
    );
    return outcome && self.text;
  }

  async function act(): Promise<void> {
    const machine = random.below(machines);
    const at = { machine } as const;
    const ids = [...current.values()]
      .filter(({ id, run, secret }) =>
        canRenew[api]({
          id,
          isKnown: runs[run - 1]?.machine === machine || hasSecret(secret),
        }),
      )
      .map(({ id }) => id);
    const choice = random.below(10);
    if (choice < 1) {
      await start({ ...at, verb: "recover", by: "recovery" }, "recover", true);
      return;
    }
    const sink = random.chance(0.2) ? home.path(`secret-${runs.length}`) : undefined;
    if (sink) files.push(sink);
    const to = sink ? ` --to file:${sink}` : "";
    if (choice < 4 && ids.length > 0) {
      const line = `token renew ${random.pick(ids)} -y${to}`;
      await start({ ...at, verb: "renew", by: "user" }, line, true);
      return;
    }
    const name = options.names > 0 ? `n${random.below(options.names)}` : `u${runs.length}`;
    const line = `${createLine(api, name)}${to}`;
    await start({ ...at, verb: "create", by: "recovery" }, line, true);
  }

  /** Completes all pending operations as a user who has the delivered secrets. */
  async function finish(machine: number): Promise<readonly string[]> {
    const recover = async (words: string, by: Run["by"] = "user") =>
      JSON.parse(
        (await start({ machine, verb: "recover", by }, `recover ${words} -o json`, false)) || "[]",
      );
    await recover("", "recovery");
    for (let round = 0; round < 9; round++) {
      const open = (await recover("")).filter(({ outcome }: Recovered) => outcome === null);
      if (open.length === 0) break;
      for (const { entry, candidates } of open as readonly Recovered[]) {
        counts.undecided++;
        const [lost] = candidates.filter(({ id }) => isLost(id, machine));
        await recover(
          lost ? `${entry} --candidate ${lost.id} --on-lost renew` : `${entry} --on-lost keep`,
        );
      }
    }
    return (await recover("--list")).map(({ entry }: { entry: string }) => `${machine}: ${entry}`);
  }

  for (let done = 0; done < options.runs; done += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, act));
    pass(random.chance(0.2) ? random.below(120_000) : random.below(2000));
  }
  pass(3_600_000);
  const endless: string[] = [];
  for (let machine = 0; machine < machines; machine++) endless.push(...(await finish(machine)));
  const orphans = [...current.values()]
    .filter(({ secret }) => !hasSecret(secret))
    .map(({ id, run }) => `${id} of run ${run} (${runs[run - 1]?.verb})`);
  return { orphans, destroyed, endless, history, made: issues.length, ...counts };
}

/** Returns the secret in a reply and the id of its token. */
export function readIssue(text: string, path: readonly string[]): Omit<Issue, "run"> | undefined {
  const body = text === "" ? undefined : JSON.parse(text);
  if (typeof body === "string") return { id: path.at(-1) ?? "", secret: body };
  const secret = body?.status?.value ?? body?.token;
  return typeof secret === "string" && typeof body.id === "string"
    ? { id: body.id, secret }
    : undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
