// How many requests a second the sandbox answers with few and with many tokens and resources in it:
// `npm run bench:sandbox -- [--json FILE]`.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median, printTable } from "./report.js";
import { startSandbox } from "./sandbox.js";

const { values: options } = parseArgs({ options: { json: { type: "string" } } });
const turns = 5;

/** How many resources there are, and as many tokens. */
const sizes = [10, 10_000];
/** Each label is on so many resources, and each token opens so many: a reply is equally long in both. */
const sharing = 10;
const requestsPerTurn = 1000;
const connections = 4;

/** What is asked for, the nth time. */
const subjects = {
  "gateway request": ({ port, apps, secrets }, n) => ({
    headers: {
      host: `${pick(apps, n)}.app.localhost:${port}`,
      authorization: `Bearer ${pick(secrets, n)}`,
    },
  }),
  "list by selector": ({ apps, headers }, n) => ({
    path: `/v1/app?labelSelector=group%3D${groupOf(n % apps.length)}`,
    headers,
  }),
  "page of tokens": ({ secrets, headers }, n) => ({
    path: `/v1/token?page=${1 + (n % (secrets.length / sharing))}&size=${sharing}`,
    headers,
  }),
};

/**
 * Medians of so many turns. The sandboxes take turns, so that a busy moment of the machine hits
 * both alike.
 */
async function measureSandbox(tokctl, folder) {
  const sandboxes = [];
  try {
    for (const size of sizes) sandboxes.push(await fill(tokctl, folder, size));
    const results = Object.keys(subjects).map((name) => ({ name, rates: sizes.map(() => []) }));
    // The first turn warms up.
    for (let turn = -1; turn < turns; turn++)
      for (const { name, rates } of results)
        for (const [i, sandbox] of sandboxes.entries()) {
          const rate = await perSecond(sandbox, subjects[name]);
          if (turn >= 0) rates[i].push(rate);
        }
    return results.map(({ name, rates }) => ({ name, perSecond: rates.map(median) }));
  } finally {
    for (const { stop } of sandboxes) stop();
  }
}

/** A sandbox with so many apps and tokens, each token for one label. */
async function fill(tokctl, folder, size) {
  const indexes = Array.from({ length: size }, (_, i) => i);
  const seed = join(folder, `seed-${size}.yaml`);
  const apps = indexes.map((i) => ({ image: "hello-world", labels: { group: groupOf(i) } }));
  await writeFile(seed, JSON.stringify({ apps }));
  const { url, appToken, stop } = await startSandbox(tokctl, "--seed", seed);
  const sandbox = {
    stop,
    port: new URL(url).port,
    agent: new Agent({ keepAlive: true, maxSockets: connections }),
    headers: { authorization: `Bearer ${appToken}` },
  };
  const { headers } = sandbox;
  const { items } = await ask(sandbox, { path: `/v1/app?size=${size}`, headers });
  const secrets = [];
  await concurrently(size, async (i) => {
    const body = JSON.stringify({
      name: `token-${i}`,
      role: "ai_training_read",
      labelSelector: `group=${groupOf(i)}`,
    });
    const { status } = await ask(sandbox, { method: "POST", path: "/v1/token", headers, body });
    secrets[i] = status.value;
  });
  return { ...sandbox, apps: items.map(({ id }) => id), secrets };
}

async function perSecond(sandbox, subject) {
  const started = process.hrtime.bigint();
  await concurrently(requestsPerTurn, (n) => send(sandbox, subject(sandbox, n)));
  return requestsPerTurn / (Number(process.hrtime.bigint() - started) / 1e9);
}

async function concurrently(count, work) {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: connections }, worker));
}

const ask = async (...call) => JSON.parse(await send(...call));

/** Sends a request; node:http, for fetch lets nobody choose the Host header. */
function send({ port, agent }, { body, ...options }) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, agent, ...options }, async (reply) => {
      let text = "";
      for await (const chunk of reply.setEncoding("utf8")) text += chunk;
      if (reply.statusCode === 200) resolve(text);
      else reject(new Error(`${options.path ?? "/"} answered ${reply.statusCode}: ${text}`));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Indexes that are far apart, one after another. */
const pick = (items, n) => items[(n * 7919) % items.length];

const groupOf = (index) => String(Math.floor(index / sharing));

const tokctl = fileURLToPath(new URL("../bin/tokctl.js", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "tokctl-bench-"));
try {
  const requests = await measureSandbox(tokctl, folder);
  console.log(`requests per second by tokens and resources, medians of ${turns} turns\n`);
  printTable([
    ["", ...sizes.map((size) => size.toLocaleString("en")), "RATIO"],
    ...requests.map(({ name, perSecond: [few, many] }) => [
      name,
      few.toFixed(0),
      many.toFixed(0),
      `${(many / few).toFixed(2)}×`,
    ]),
  ]);
  if (options.json)
    await writeFile(options.json, `${JSON.stringify({ turns, sizes, requests }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
